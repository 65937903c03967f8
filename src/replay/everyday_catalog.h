// Names that everyday activities draw from, the most usual first.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "replay/host_actions.h"

namespace sightline::replay {

struct Command {
  std::string_view exe;
  std::vector<std::string_view> arguments;
};

const std::vector<Person>& people();
// The one who owns the account `ubuntu`, whose key the story's intruder has stolen.
const Person& key_owner();

const std::vector<Command>& typed_commands();
const std::vector<Command>& cron_commands();

std::span<const std::string_view> guessed_names();  // accounts that password guessing tries
std::span<const std::string_view> check_plugins();
std::span<const std::string_view> units();
std::span<const std::string_view> packages();

}  // namespace sightline::replay
