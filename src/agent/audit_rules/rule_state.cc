#include "agent/audit_rules/rule_state.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <fstream>
#include <string_view>
#include <utility>

#include "base/descriptor.h"

namespace sightline::agent {
namespace {

// Lines: this one; `boot ID`; `setting NAME FOUND SET`; `rule SHA-256`; and last `end SHA-256` of all before.
constexpr std::string_view kFirstLine = "sightline audit rules 1\n";
constexpr std::size_t kMaxStateBytes = std::size_t{1} << 20;

std::string_view next_word(std::string_view& text, char end) {
  const std::size_t size = std::min(text.find(end), text.size());
  const std::string_view word = text.substr(0, size);
  text.remove_prefix(std::min(size + 1, text.size()));
  return word;
}

std::optional<std::uint32_t> read_number(std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<ChangedSetting> read_setting(std::string_view text) {
  const std::string_view name = next_word(text, ' ');
  const auto found = read_number(next_word(text, ' '));
  const auto set = read_number(text);
  if (!found || !set) return std::nullopt;
  for (const AuditSetting setting : kAuditSettings) {
    if (to_string(setting) == name) return ChangedSetting{setting, *found, *set};
  }
  return std::nullopt;
}

bool read_line(std::string_view line, RuleState& state) {
  const std::string_view kind = next_word(line, ' ');
  if (kind == "boot") {
    state.boot_id = line;
  } else if (kind == "setting") {
    const auto setting = read_setting(line);
    if (!setting) return false;
    state.settings.push_back(*setting);
  } else if (kind == "rule") {
    const auto digest = parse_digest(line);
    if (!digest) return false;
    state.ours.insert(*digest);
  } else {
    return false;
  }
  return true;
}

std::optional<RuleState> parse(std::string_view text) {
  const std::size_t end = text.rfind("end ");
  if (end == std::string_view::npos || !text.starts_with(kFirstLine)) return std::nullopt;
  if (text.substr(end) != fmt::format("end {}\n", to_hex(sha256(text.substr(0, end))))) return std::nullopt;
  RuleState state;
  for (std::string_view lines = text.substr(kFirstLine.size(), end - kFirstLine.size()); !lines.empty();) {
    if (!read_line(next_word(lines, '\n'), state)) return std::nullopt;
  }
  return state;
}

Result<void> sync_folder_of(const std::filesystem::path& file) {
  const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
  const Descriptor descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!descriptor.open() || ::fsync(descriptor.number()) != 0) return system_error("cannot write to disk", folder);
  return {};
}

}  // namespace

Result<std::string> current_boot_id() {
  const std::filesystem::path file = "/proc/sys/kernel/random/boot_id";
  std::ifstream in(file);
  std::string id;
  if (!std::getline(in, id) || id.empty()) return fail(ErrorCode::unavailable, "cannot read " + file.string());
  return id;
}

Result<std::optional<RuleState>> read_rule_state(const std::filesystem::path& file) {
  const Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!descriptor.open()) {
    if (errno == ENOENT) return std::nullopt;
    return system_error("cannot read", file);
  }
  std::string text;
  std::array<char, 16384> part{};
  while (text.size() <= kMaxStateBytes) {
    const ssize_t count = ::read(descriptor.number(), part.data(), part.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_error("cannot read", file);
    if (count == 0) break;
    text.append(part.data(), static_cast<std::size_t>(count));
  }
  auto state = parse(text);
  if (!state) return fail(ErrorCode::corrupt, file.string() + " is damaged");
  return state;
}

Result<void> write_rule_state(const std::filesystem::path& file, const RuleState& state) {
  std::string text(kFirstLine);
  text += fmt::format("boot {}\n", state.boot_id);
  for (const ChangedSetting& each : state.settings) {
    text += fmt::format("setting {} {} {}\n", to_string(each.setting), each.found, each.set);
  }
  for (const Sha256Digest& each : state.ours) text += fmt::format("rule {}\n", to_hex(each));
  text += fmt::format("end {}\n", to_hex(sha256(text)));
  const std::filesystem::path next = file.string() + ".new";
  if (auto written = write_file(next, text, Existing::replace); !written) return written;
  if (::rename(next.c_str(), file.c_str()) != 0) return system_error("cannot replace", file);
  return sync_folder_of(file);
}

Result<void> remove_rule_state(const std::filesystem::path& file) {
  if (::unlink(file.c_str()) != 0 && errno != ENOENT) return system_error("cannot remove", file);
  return {};
}

}  // namespace sightline::agent
