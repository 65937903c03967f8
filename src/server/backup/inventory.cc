#include "server/backup/inventory.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <iterator>
#include <numeric>
#include <optional>

namespace sightline::backup {

namespace {

constexpr std::string_view kFirstLine = "sightline backup ";
constexpr int kVersion = 1;

// Takes what is before the next space, or all of the rest.
std::string_view take_word(std::string_view& line) {
  const std::size_t space = std::min(line.find(' '), line.size());
  const std::string_view word = line.substr(0, space);
  line.remove_prefix(std::min(space + 1, line.size()));
  return word;
}

template <class Number>
bool take_number(std::string_view& line, Number& number) {
  const std::string_view word = take_word(line);
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  return error == std::errc() && end == word.data() + word.size() && !word.empty();
}

bool take_digest(std::string_view& line, Sha256Digest& digest) {
  const auto parsed = parse_digest(take_word(line));
  digest = parsed.value_or(digest);
  return parsed.has_value();
}

bool read_file(std::string_view line, Inventory& inventory) {
  Entry& entry = inventory.entries.emplace_back();
  if (!take_digest(line, entry.digest) || !take_number(line, entry.size) || !take_number(line, entry.modified_ns)) {
    return false;
  }
  entry.path = line;
  return is_safe_path(line);
}

bool read_directory(std::string_view line, Inventory& inventory) {
  inventory.entries.push_back({Entry::Kind::directory, std::string(line), 0, 0, {}, {}});
  return is_safe_path(line);
}

// The target ends at the first tab, which no path has.
bool read_link(std::string_view line, Inventory& inventory) {
  const std::size_t tab = std::min(line.find('\t'), line.size());
  const std::string_view target = line.substr(0, tab);
  const std::string_view path = line.substr(std::min(tab + 1, line.size()));
  inventory.entries.push_back({Entry::Kind::link, std::string(path), 0, 0, {}, std::string(target)});
  return is_safe_path(path) && is_safe_target(path, target);
}

bool read_line(std::string_view line, Inventory& inventory) {
  const std::string_view word = take_word(line);
  if (word == "file") return read_file(line, inventory);
  if (word == "directory") return read_directory(line, inventory);
  if (word == "link") return read_link(line, inventory);
  if (word == "made") return take_number(line, inventory.made_ms) && line.empty();
  if (word == "program") return (inventory.program = line).size() < 100;
  NotedHead& head = word == "head" ? inventory.head : inventory.audit_head;
  if (word != "head" && word != "audit_head") return false;
  return take_number(line, head.number) && take_digest(line, head.link) && line.empty();
}

// The text without its last line, which must be the checksum of the rest.
std::optional<std::string_view> checked_body(std::string_view text) {
  constexpr std::string_view kEnd = "end ";
  constexpr std::size_t kSize = kEnd.size() + 64 + 1;
  if (text.size() < kSize) return std::nullopt;
  const std::string_view body = text.substr(0, text.size() - kSize);
  const std::string expected = fmt::format("{}{}\n", kEnd, to_hex(sha256(body)));
  return text.substr(body.size()) == expected ? std::optional(body) : std::nullopt;
}

std::unexpected<Error> damaged(std::size_t line) {
  return fail(ErrorCode::corrupt, fmt::format("line {} is not one of an inventory", line));
}

}  // namespace

std::uint64_t Inventory::bytes() const {
  return std::accumulate(entries.begin(), entries.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const Entry& entry) { return sum + entry.size; });
}

std::uint64_t Inventory::files() const {
  return static_cast<std::uint64_t>(
      std::ranges::count_if(entries, [](const Entry& entry) { return entry.kind == Entry::Kind::file; }));
}

bool is_safe_path(std::string_view path) {
  if (path.empty() || path.front() == '/' || path.back() == '/' || path.size() > 4'000) return false;
  if (std::ranges::any_of(path, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; })) return false;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const std::string_view part = path.substr(begin, end - begin);
    if (part.empty() || part == "." || part == "..") return false;
    begin = end + 1;
  }
  return true;
}

bool is_safe_target(std::string_view path, std::string_view target) {
  const std::filesystem::path relative(target);
  if (target.empty() || relative.is_absolute()) return false;
  const std::filesystem::path reached = (std::filesystem::path(path).parent_path() / relative).lexically_normal();
  return is_safe_path(reached.string());
}

std::string to_text(const Inventory& inventory) {
  std::string text =
      fmt::format("{}{}\nmade {}\nprogram {}\n", kFirstLine, kVersion, inventory.made_ms, inventory.program);
  text += fmt::format("head {} {}\n", inventory.head.number, to_hex(inventory.head.link));
  text += fmt::format("audit_head {} {}\n", inventory.audit_head.number, to_hex(inventory.audit_head.link));
  for (const Entry& entry : inventory.entries) {
    switch (entry.kind) {
      case Entry::Kind::file:
        fmt::format_to(std::back_inserter(text), "file {} {} {} {}\n", to_hex(entry.digest), entry.size,
                       entry.modified_ns, entry.path);
        break;
      case Entry::Kind::directory:
        fmt::format_to(std::back_inserter(text), "directory {}\n", entry.path);
        break;
      case Entry::Kind::link:
        fmt::format_to(std::back_inserter(text), "link {}\t{}\n", entry.target, entry.path);
        break;
    }
  }
  return text + fmt::format("end {}\n", to_hex(sha256(text)));
}

Result<Inventory> parse_inventory(std::string_view text) {
  if (!text.starts_with(kFirstLine)) return damaged(1);
  const std::string_view version = text.substr(kFirstLine.size(), text.find('\n') - kFirstLine.size());
  if (version != std::to_string(kVersion)) {
    return fail(ErrorCode::conflict, fmt::format("it has format {}, this program reads format {}: use the program that "
                                                 "made the backup, or a newer one",
                                                 version.substr(0, 20), kVersion));
  }
  auto body = checked_body(text);
  if (!body) return fail(ErrorCode::corrupt, "its checksum does not match: it was cut short or changed");
  Inventory inventory;
  std::size_t number = 1;
  body->remove_prefix(std::min(body->find('\n') + 1, body->size()));
  while (!body->empty()) {
    const std::size_t end = std::min(body->find('\n'), body->size());
    ++number;
    if (!read_line(body->substr(0, end), inventory)) return damaged(number);
    body->remove_prefix(std::min(end + 1, body->size()));
  }
  return inventory;
}

}  // namespace sightline::backup
