#include "agent/spool/folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <optional>
#include <string>
#include <tuple>

namespace sightline::agent {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kSegmentSuffix = ".segment";

std::optional<std::uint64_t> segment_number(const std::string& name) {
  if (!name.ends_with(kSegmentSuffix)) return std::nullopt;
  std::uint64_t number = 0;
  const char* end = name.data() + name.size() - kSegmentSuffix.size();
  const auto [stop, error] = std::from_chars(name.data(), end, number);
  // The highest number must have one above it.
  if (error != std::errc() || stop != end || number >= UINT64_MAX / 2) return std::nullopt;
  return name == segment_path("", number).string() ? std::optional(number) : std::nullopt;
}

std::string holder(int lock) {
  std::array<char, 32> text{};
  const ssize_t size = ::pread(lock, text.data(), text.size(), 0);
  std::string_view digits(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  digits = digits.substr(0, digits.find_first_not_of("0123456789"));
  return digits.empty() ? "another process" : fmt::format("process {}", digits);
}

}  // namespace

Result<void> make_folder(const fs::path& folder) {
  const bool made = ::mkdir(folder.c_str(), 0700) == 0;
  if (!made && errno != EEXIST) return system_error("cannot make", folder);
  // Also where umask or somebody else had another mind.
  if (::chmod(folder.c_str(), 0700) != 0) return system_error("cannot keep to ourselves", folder);
  const fs::path parent = folder.has_parent_path() ? folder.parent_path() : ".";
  return made ? sync_folder(parent) : Result<void>();
}

Result<Descriptor> lock_folder(const fs::path& folder) {
  const fs::path file = folder / "lock";
  Descriptor lock(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!lock.open()) return system_error("cannot open", file);
  if (::flock(lock.number(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return system_error("cannot lock", file);
    return fail(ErrorCode::conflict, fmt::format("{} has the spool {} open", holder(lock.number()), folder.string()));
  }
  // Only for the message above: not worth failing for.
  if (::ftruncate(lock.number(), 0) == 0) std::ignore = write_all(lock.number(), fmt::format("{}\n", ::getpid()), file);
  return lock;
}

Result<void> sync_folder(const fs::path& folder) {
  const Descriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.open() || ::fsync(directory.number()) != 0) return system_error("cannot write to disk", folder);
  return {};
}

fs::path segment_path(const fs::path& folder, std::uint64_t number) {
  return folder / fmt::format("{:020}{}", number, kSegmentSuffix);
}

Result<std::vector<std::uint64_t>> list_segments(const fs::path& folder) {
  std::vector<std::uint64_t> numbers;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    std::error_code ignored;
    if (!fs::is_regular_file(entry->symlink_status(ignored))) continue;
    if (entry->path().extension() == ".new") fs::remove(entry->path(), ignored);
    if (const auto number = segment_number(entry->path().filename())) numbers.push_back(*number);
  }
  if (error) {
    return fail(ErrorCode::unavailable, fmt::format("cannot list {}: {}", folder.string(), error.message()));
  }
  std::ranges::sort(numbers);
  return numbers;
}

Result<std::uint64_t> free_bytes(const fs::path& folder) {
  struct statvfs status{};
  if (::statvfs(folder.c_str(), &status) != 0) return system_error("cannot ask for the free space of", folder);
  return std::uint64_t{status.f_bavail} * status.f_frsize;
}

}  // namespace sightline::agent
