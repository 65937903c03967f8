#include "server/commands/data_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace sightline::commands {

namespace {

// What the holder wrote; it may be about to.
std::string holder_of(int descriptor) {
  std::array<char, 200> text{};
  const ssize_t size = ::pread(descriptor, text.data(), text.size(), 0);
  std::string holder(text.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  holder.erase(std::min(holder.find('\n'), holder.size()));
  return holder.empty() ? "another process" : holder;
}

}  // namespace

Result<DataLock> DataLock::take(const std::filesystem::path& directory, std::string_view command) {
  const std::filesystem::path file = directory / "lock";
  Descriptor lock(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!lock.open()) return system_error("cannot open", file);
  if (::flock(lock.number(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return system_error("cannot lock", file);
    return fail(ErrorCode::conflict,
                fmt::format("{} is in use by {}: stop it first, or ask a running server (sightline verify, sightline "
                            "token)",
                            directory.string(), holder_of(lock.number())));
  }
  const std::string holder = fmt::format("{}, process {}\n", command, ::getpid());
  if (::ftruncate(lock.number(), 0) != 0 ||
      ::pwrite(lock.number(), holder.data(), holder.size(), 0) != static_cast<ssize_t>(holder.size())) {
    return system_error("cannot write", file);
  }
  return DataLock(std::move(lock));
}

}  // namespace sightline::commands
