#include "server/backup/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <vector>

namespace sightline::backup {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kPieceBytes = 1 << 20;
constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;

Result<Descriptor> open_to_read(const fs::path& file) {
  Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!descriptor.open()) return system_error("cannot open", file);
  return descriptor;
}

// Hands `take` the file piece by piece.
template <class Take>
Result<Content> read_pieces(const fs::path& file, const std::stop_token& stop, Take&& take) {
  const auto source = open_to_read(file);
  if (!source) return std::unexpected(source.error());
  std::vector<char> piece(kPieceBytes);
  Content content;
  Sha256 hash;
  for (;;) {
    if (stop.stop_requested()) return fail(ErrorCode::cancelled, "stopped");
    const ssize_t count = ::read(source->number(), piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_error("cannot read", file);
    if (count == 0) break;
    const std::string_view bytes(piece.data(), static_cast<std::size_t>(count));
    hash.update(bytes);
    content.size += bytes.size();
    if (Result<void> taken = take(bytes); !taken) return std::unexpected(taken.error());
  }
  content.digest = hash.finish();
  return content;
}

}  // namespace

Result<Content> copy_file(const fs::path& from, const fs::path& to, const std::stop_token& stop) {
  const Descriptor target(::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!target.open()) return system_error("cannot make", to);
  return read_pieces(from, stop, [&](std::string_view bytes) { return write_all(target.number(), bytes, to); });
}

Result<Content> hash_file(const fs::path& file, const std::stop_token& stop) {
  return read_pieces(file, stop, [](std::string_view) { return Result<void>(); });
}

Result<std::string> read_file(const fs::path& file, std::uint64_t max_bytes) {
  std::string text;
  const auto read = read_pieces(file, {}, [&](std::string_view bytes) -> Result<void> {
    if (text.size() + bytes.size() > max_bytes) {
      return fail(ErrorCode::corrupt, fmt::format("{} is larger than {} bytes", file.string(), max_bytes));
    }
    text += bytes;
    return {};
  });
  if (!read) return std::unexpected(read.error());
  return text;
}

Result<void> set_modified(const fs::path& file, std::int64_t modified_ns) {
  std::int64_t seconds = modified_ns / kNanosecondsPerSecond;
  std::int64_t rest = modified_ns % kNanosecondsPerSecond;
  if (rest < 0) {
    rest += kNanosecondsPerSecond;
    --seconds;
  }
  const timespec times[2] = {{0, UTIME_OMIT}, {seconds, rest}};
  if (::utimensat(AT_FDCWD, file.c_str(), times, AT_SYMLINK_NOFOLLOW) != 0) {
    return system_error("cannot set the time of", file);
  }
  return {};
}

Result<void> make_directories(const fs::path& directory) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (error || !fs::is_directory(directory, error)) {
    return fail(ErrorCode::unavailable,
                fmt::format("cannot make the folder {}: {}", directory.string(),
                            error ? error.message() : std::string("something else has that name")));
  }
  return {};
}

Result<Descriptor> lock_directory(const fs::path& directory) {
  Descriptor descriptor(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  if (!descriptor.open()) return system_error("cannot open", directory);
  if (::flock(descriptor.number(), LOCK_EX | LOCK_NB) == 0) return descriptor;
  if (errno != EWOULDBLOCK) return system_error("cannot lock", directory);
  return Descriptor();
}

}  // namespace sightline::backup
