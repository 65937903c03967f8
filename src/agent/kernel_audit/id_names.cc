#include "agent/kernel_audit/id_names.h"

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace sightline::agent {
namespace {

struct IdField {
  std::string_view key;
  std::string_view name;  // of the field with the name
  IdNames::Kind kind = IdNames::Kind::user;
};

constexpr auto kUser = IdNames::Kind::user;
constexpr auto kGroup = IdNames::Kind::group;
constexpr std::array kIdFields = {
    IdField{"auid", "AUID", kUser},   IdField{"uid", "UID", kUser},           IdField{"gid", "GID", kGroup},
    IdField{"euid", "EUID", kUser},   IdField{"suid", "SUID", kUser},         IdField{"fsuid", "FSUID", kUser},
    IdField{"egid", "EGID", kGroup},  IdField{"sgid", "SGID", kGroup},        IdField{"fsgid", "FSGID", kGroup},
    IdField{"ouid", "OUID", kUser},   IdField{"ogid", "OGID", kGroup},        IdField{"id", "ID", kUser},
    IdField{"oauid", "OAUID", kUser}, IdField{"old-auid", "OLD-AUID", kUser},
};

constexpr std::size_t kLongestKey = 8;

const IdField* find_id_field(std::string_view key) {
  if (key.size() > kLongestKey || !key.ends_with("id")) return nullptr;
  const auto* const found = std::ranges::find(kIdFields, key, &IdField::key);
  return found == kIdFields.end() ? nullptr : found;
}

// A name that would end the quotes it stands in is none.
bool is_plain(std::string_view name) {
  return std::ranges::all_of(name, [](char c) { return c > ' ' && c != '"' && c != '\'' && c != 0x7F; });
}

constexpr std::size_t kMaxEntryBytes = std::size_t{64} * 1024;

std::optional<std::string> look_up_in_system(IdNames::Kind kind, std::uint32_t id) {
  std::vector<char> buffer(1024);
  for (;;) {
    const char* name = nullptr;
    int error = 0;
    if (kind == IdNames::Kind::user) {
      passwd entry{};
      passwd* found = nullptr;
      error = getpwuid_r(id, &entry, buffer.data(), buffer.size(), &found);
      if (found != nullptr) name = found->pw_name;
    } else {
      group entry{};
      group* found = nullptr;
      error = getgrgid_r(id, &entry, buffer.data(), buffer.size(), &found);
      if (found != nullptr) name = found->gr_name;
    }
    if (error == ERANGE && buffer.size() < kMaxEntryBytes) {
      buffer.resize(buffer.size() * 4);
      continue;
    }
    if (name == nullptr) return std::nullopt;
    return name;
  }
}

// Remembering more ids than a host has users only costs memory.
constexpr std::size_t kMaxRemembered = 4096;

}  // namespace

IdNames::IdNames() : look_up_(look_up_in_system) {}

const std::string& IdNames::name_of(Kind kind, std::string_view id, std::int64_t now_ms) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), number);
  if (id == "-1" || id == "unset" || (error == std::errc() && number == std::numeric_limits<std::uint32_t>::max())) {
    return scratch_ = "unset";
  }
  if (error != std::errc() || end != id.data() + id.size()) return scratch_ = "";
  if (names_.size() >= kMaxRemembered) names_.clear();
  Remembered& known = names_[std::uint64_t{number} << 1U | static_cast<std::uint64_t>(kind)];
  if (known.until_ms <= now_ms || known.until_ms > now_ms + kRememberedMs) {
    const std::optional<std::string> name = look_up_(kind, number);
    known.name = name && is_plain(*name) ? *name : fmt::format("unknown({})", number);
    known.until_ms = now_ms + kRememberedMs;
  }
  return known.name;
}

void IdNames::append_names(std::string& line, std::size_t body_offset, std::int64_t now_ms) {
  fields_.clear();
  audit::parse_body(std::string_view(line).substr(body_offset), fields_);
  std::string names;
  std::array<bool, kIdFields.size()> done{};
  for (const audit::Field& field : fields_) {
    const IdField* const id = find_id_field(field.key);
    if (id == nullptr) continue;
    bool& is_done = done.at(static_cast<std::size_t>(id - kIdFields.data()));
    if (is_done) continue;
    const std::string& name = name_of(id->kind, field.value, now_ms);
    if (name.empty()) continue;
    is_done = true;
    names += names.empty() ? '\x1D' : ' ';
    names.append(id->name).append("=\"").append(name).append("\"");
  }
  line += names;
}

}  // namespace sightline::agent
