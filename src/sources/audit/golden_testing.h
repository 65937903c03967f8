// Comparing our events with the goldens of another decoder (go-libaudit), field by field and by meaning: what the same
// fact is called there and here, and which differences are known, each with its reason.
#pragma once

#include <simdjson.h>

#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "event/event.h"

namespace sightline::audit::testing {

// A scalar of a JSON document; elements of arrays have their index in the path: "paths.0.name".
struct Leaf {
  std::string path;
  std::string value;
};
std::vector<Leaf> leaves(const simdjson::dom::element& element);

// What the other decoder would call by that name, from our event; nullopt: we have no such value.
std::optional<std::string> reading(const Event& event, std::string_view name);

// A difference that is meant to be.
struct KnownDifference {
  std::string_view where;  // the case's name
  std::string_view path;
  std::string_view reason;
};

class Comparison {
 public:
  explicit Comparison(std::span<const KnownDifference> known) : known_(known), used_(known.size(), false) {}

  void compare(std::string_view where, std::string_view path, std::string_view theirs,
               const std::optional<std::string>& ours);

  // Counts, every unexplained difference, and every explanation that explained nothing.
  std::string summary() const;
  const std::vector<std::string>& unexplained() const { return unexplained_; }
  std::vector<std::string> unused() const;
  std::size_t compared() const { return compared_; }
  std::size_t equal() const { return equal_; }
  std::size_t explained() const { return explained_; }

 private:
  std::span<const KnownDifference> known_;
  std::vector<bool> used_;
  std::vector<std::string> unexplained_;
  std::size_t compared_ = 0;
  std::size_t equal_ = 0;
  std::size_t explained_ = 0;
};

std::string read_file(const std::filesystem::path& path);

}  // namespace sightline::audit::testing
