#include "agent/collect/file_source.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <utility>

namespace sightline::agent {
namespace {

constexpr std::size_t kReadBytes = std::size_t{128} * 1024;
// A program may never let go of a replaced file: it is read for so many times the time it must be quiet.
constexpr std::int64_t kLongestLinger = 12;
constexpr unsigned kWanted = STATX_TYPE | STATX_INO | STATX_SIZE | STATX_BTIME;

}  // namespace

FileSource::Status FileSource::to_status(const struct statx& status) {
  constexpr std::uint64_t kNsPerS = 1'000'000'000;
  const std::uint64_t device = std::uint64_t{status.stx_dev_major} << 32U | status.stx_dev_minor;
  const bool has_birth = (status.stx_mask & STATX_BTIME) != 0;
  const std::uint64_t born_ns =
      has_birth ? static_cast<std::uint64_t>(status.stx_btime.tv_sec) * kNsPerS + status.stx_btime.tv_nsec : 0;
  return {.identity = {born_ns == 0 ? device : 0, status.stx_ino, born_ns},
          .size_bytes = status.stx_size,
          .is_file = S_ISREG(status.stx_mode)};
}

std::optional<FileSource::Position> FileSource::parse_cursor(std::string_view cursor) {
  std::array<std::uint64_t, 4> numbers{};
  for (std::uint64_t& number : numbers) {
    const auto [end, error] = std::from_chars(cursor.data(), cursor.data() + cursor.size(), number);
    if (error != std::errc()) return std::nullopt;
    cursor.remove_prefix(static_cast<std::size_t>(end - cursor.data()));
    if (cursor.starts_with(' ')) cursor.remove_prefix(1);
  }
  return Position{.identity = {numbers[0], numbers[1], numbers[2]}, .offset = numbers[3]};
}

std::string FileSource::cursor() const {
  if (!started_) return options_.cursor;
  const std::uint64_t offset = skipping_ ? line_offset_ : offset_;
  return fmt::format("{} {} {} {}", identity_.device, identity_.inode, identity_.born_ns, offset);
}

void FileSource::lose(Collected& out, LossReason reason, std::string detail) const {
  const std::int64_t now_ms = clock_.now_ms();
  out.lost({.source = options_.name,
            .reason = reason,
            .count = reason == LossReason::unreadable ? std::optional<std::uint64_t>(1) : std::nullopt,
            .from_ms = now_ms,
            .to_ms = now_ms,
            .detail = std::move(detail)});
}

// False: there is no such file. `fits`: it is the file that was wanted.
Result<bool> FileSource::open_at(const std::filesystem::path& file, std::optional<Position> wanted, bool& fits) {
  Descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (!opened.open()) {
    if (errno == ENOENT) return false;
    return system_error("cannot open", file);
  }
  const std::optional<Status> status = status_of(opened.number());
  if (!status) return system_error("cannot look at", file);
  if (!status->is_file) return fail(ErrorCode::unavailable, fmt::format("{} is no file", file.string()));
  fits = wanted && wanted->identity == status->identity && wanted->offset <= status->size_bytes &&
         (wanted->offset == status->size_bytes || has_line_end_before(opened.number(), wanted->offset));
  if (wanted && !fits) return true;
  identity_ = status->identity;
  offset_ = fits ? wanted->offset : 0;
  file_ = std::move(opened);
  return true;
}

// Opens the file, the first time where it is to begin. False: there is none.
Result<bool> FileSource::open(Collected& out) {
  bool fits = false;
  if (started_) {
    const Result<bool> found = open_at(options_.file, std::nullopt, fits);
    if (found && *found && replacement_ && *replacement_ != identity_) lose_some_between(out);
    if (found && *found) replacement_.reset();
    return found;
  }
  const std::optional<Position> wanted = parse_cursor(options_.cursor);
  if (wanted) {
    for (const std::filesystem::path& file : {options_.file, std::filesystem::path(options_.file.string() + ".1")}) {
      const Result<bool> found = open_at(file, wanted, fits);
      if (!found && file == options_.file) return found;
      if (found && fits) return started_ = true;
    }
    if (wanted->identity.inode != 0) {  // 0: there was none
      lose(out, LossReason::file_gone,
           fmt::format("{} is another file than the one that was read until now", options_.file.string()));
    }
  }
  const Result<bool> found = open_at(options_.file, std::nullopt, fits);
  if (!found) return found;
  const bool existed = *found;
  started_ = true;
  if (existed && !wanted && !options_.from_beginning) {
    offset_ = last_line_end(file_.number());
  }
  return existed;
}

std::optional<FileSource::Status> FileSource::status_of(int descriptor) {
  struct statx status{};
  if (statx(descriptor, "", AT_EMPTY_PATH, kWanted, &status) != 0) return std::nullopt;
  return to_status(status);
}

std::optional<FileSource::Status> FileSource::status_of(const std::filesystem::path& file) {
  struct statx status{};
  if (statx(AT_FDCWD, file.c_str(), 0, kWanted, &status) != 0) return std::nullopt;
  return to_status(status);
}

// Where what was read ends: the file is not the one it was if no line ends there.
bool FileSource::has_line_end_before(int descriptor, std::uint64_t offset) {
  char before = 0;
  return offset == 0 || (pread(descriptor, &before, 1, static_cast<off_t>(offset - 1)) == 1 && before == '\n');
}

// Where the last whole line ends; the end of the file where no line end is near it.
std::uint64_t FileSource::last_line_end(int descriptor) {
  const off_t end = lseek(descriptor, 0, SEEK_END);
  if (end <= 0) return 0;
  std::array<char, kReadBytes> buffer;
  const off_t begin = std::max<off_t>(0, end - static_cast<off_t>(buffer.size()));
  const ssize_t size = pread(descriptor, buffer.data(), static_cast<std::size_t>(end - begin), begin);
  if (size <= 0) return static_cast<std::uint64_t>(end);
  const std::size_t place = std::string_view(buffer.data(), static_cast<std::size_t>(size)).rfind('\n');
  if (place == std::string_view::npos) return static_cast<std::uint64_t>(begin == 0 ? 0 : end);
  return static_cast<std::uint64_t>(begin) + place + 1;
}

void FileSource::take_lines(Collected& out) {
  std::size_t start = 0;
  for (std::size_t end = 0; (end = held_.find('\n', start)) != std::string::npos; start = end + 1) {
    const std::string_view line = std::string_view(held_).substr(start, end + 1 - start);
    if (!std::exchange(skipping_, false)) out.event(line, clock_.now_ms());
    offset_ += line.size();
  }
  held_.erase(0, start);
  if (held_.size() <= kMaxLineBytes) return;
  if (!std::exchange(skipping_, true)) {
    line_offset_ = offset_;
    lose(out, LossReason::unreadable, fmt::format("a line of more than {} bytes", kMaxLineBytes));
  }
  offset_ += held_.size();
  held_.clear();
}

Result<Source::Progress> FileSource::collect(Collected& out) {
  if (!file_.open()) {
    const Result<bool> opened = open(out);
    if (!opened) return std::unexpected(opened.error());
    if (!*opened) return Progress{};
  }
  std::array<char, kReadBytes> buffer;
  const std::uint64_t at = offset_ + held_.size();
  const ssize_t size = pread(file_.number(), buffer.data(), buffer.size(), static_cast<off_t>(at));
  if (size < 0) return system_error("cannot read", options_.file);
  if (size == 0) return look_at_end(at, out);
  held_.append(buffer.data(), static_cast<std::size_t>(size));
  take_lines(out);
  quiet_ms_ = 0;
  return Progress{.any = true, .more = true};
}

Source::Progress FileSource::look_at_end(std::uint64_t at, Collected& out) {
  if (const auto status = status_of(file_.number()); status && status->size_bytes < at) {
    lose(out, LossReason::file_gone, fmt::format("{} was cut", options_.file.string()));
    offset_ = 0;
    held_.clear();
    skipping_ = false;
    return {.any = false, .more = true};
  }
  const std::optional<Status> now_there = status_of(options_.file);
  if (!now_there || now_there->identity == identity_) {
    replacement_.reset();
    return {};
  }
  if (!is_done_with(now_there->identity, out)) return {};
  if (!held_.empty() && !skipping_) out.event(held_ + "\n", clock_.now_ms());
  // The cursor stays at the end of this file until the other one is open.
  offset_ += held_.size();
  held_.clear();
  skipping_ = false;
  file_ = Descriptor();
  return {.any = true, .more = true};
}

// Another file stands there: whether the old one was quiet long enough, or was read beside it for too long.
bool FileSource::is_done_with(Identity now_there, Collected& out) {
  const std::int64_t now_ms = clock_.now_ms();
  if (!replacement_) {
    replaced_ms_ = quiet_ms_ = now_ms;
  } else if (*replacement_ != now_there) {
    lose_some_between(out);
  }
  replacement_ = now_there;
  if (quiet_ms_ == 0 || now_ms < quiet_ms_) quiet_ms_ = now_ms;
  return now_ms - quiet_ms_ >= options_.linger_ms || now_ms - replaced_ms_ >= kLongestLinger * options_.linger_ms;
}

void FileSource::lose_some_between(Collected& out) const {
  lose(out, LossReason::file_gone,
       fmt::format("{} was replaced again before what stood there was read", options_.file.string()));
}

}  // namespace sightline::agent
