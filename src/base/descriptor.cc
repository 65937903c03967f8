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

Result<void> sync_file_system(const std::filesystem::path& directory) {
  const Descriptor descriptor(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!descriptor.open() || ::syncfs(descriptor.number()) != 0) return system_error("cannot write to disk", directory);
  return {};
}

}  // namespace sightline
