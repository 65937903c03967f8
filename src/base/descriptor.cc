#include "base/descriptor.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace sightline {

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

std::unexpected<Error> system_error(std::string_view what, const std::filesystem::path& file) {
  const std::string reason = std::error_code(errno, std::generic_category()).message();
  return fail(ErrorCode::unavailable, fmt::format("{} {}: {}", what, file.string(), reason));
}

Result<void> write_all(int descriptor, std::string_view bytes, const std::filesystem::path& file) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return system_error("cannot write", file);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<void> write_file(const std::filesystem::path& file, std::string_view text, Existing existing) {
  const int flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | (existing == Existing::replace ? O_TRUNC : O_EXCL);
  const Descriptor target(::open(file.c_str(), flags, 0600));
  if (!target.open()) return system_error("cannot make", file);
  if (auto written = write_all(target.number(), text, file); !written) return written;
  if (::fsync(target.number()) != 0) return system_error("cannot write", file);
  return {};
}

Result<void> sync_file_system(const std::filesystem::path& directory) {
  const Descriptor descriptor(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!descriptor.open() || ::syncfs(descriptor.number()) != 0) return system_error("cannot write to disk", directory);
  return {};
}

}  // namespace sightline
