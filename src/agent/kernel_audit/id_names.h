// Names of users and groups, as auditd adds them to records (its log_format = ENRICHED).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sources/audit/record.h"

namespace sightline::agent {

// Not thread-safe. Remembers names for kRememberedMs, also that there is none.
class IdNames {
 public:
  static constexpr std::int64_t kRememberedMs = 60'000;

  enum class Kind : std::uint8_t { user, group };
  // nullopt: there is none.
  using LookUp = std::function<std::optional<std::string>(Kind kind, std::uint32_t id)>;

  // By the system's databases (getpwuid_r, getgrgid_r).
  IdNames();
  explicit IdNames(LookUp look_up) : look_up_(std::move(look_up)) {}

  // Appends 0x1D and NAME="…" for each id in the record, to a line whose record's body starts at `body_offset`; nothing
  // where there is no id.
  void append_names(std::string& line, std::size_t body_offset, std::int64_t now_ms);

 private:
  struct Remembered {
    std::string name;
    std::int64_t until_ms = 0;
  };

  const std::string& name_of(Kind kind, std::string_view id, std::int64_t now_ms);

  LookUp look_up_;
  std::unordered_map<std::uint64_t, Remembered> names_;  // by kind and id
  std::vector<audit::Field> fields_;
  std::string scratch_;
};

}  // namespace sightline::agent
