// Taking messages apart from the ends that nobody can forge.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "sources/logins/login_facts.h"

namespace sightline::logins {

// Take `part` off the front or the back; false, and nothing happens, where it is not there.
bool take_front(std::string_view& text, std::string_view part);
bool take_back(std::string_view& text, std::string_view part);

// What stands before the first `separator`; both are taken off. nullopt, and nothing happens: there is none.
std::optional<std::string_view> take_until(std::string_view& text, std::string_view separator);
// What stands behind the last `separator`; both are taken off the back.
std::optional<std::string_view> take_behind_last(std::string_view& text, std::string_view separator);

// Digits only, at most 18 of them.
std::optional<std::int64_t> parse_number(std::string_view text);

// Not empty, and free of blanks.
bool is_word(std::string_view text);

bool is_ip(std::string_view text);  // IPv6 also with a zone: fe80::1%eth0

// "1.2.3.4 port 22", "1.2.3.4", or either with UNKNOWN in the address's place, and nothing else.
std::optional<Endpoint> parse_endpoint(std::string_view text);
// The same at the front: takes it off together with the blank behind the address. The port's digits end at any other
// character.
std::optional<Endpoint> take_endpoint(std::string_view& text);

}  // namespace sightline::logins
