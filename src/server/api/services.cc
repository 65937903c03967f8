#include "server/api/services.h"

namespace sightline::api {

bool disk_is_full(const Services& services) {
  std::error_code error;
  const auto space = std::filesystem::space(services.data_directory, error);
  return !error && space.available < services.keep_free_bytes;
}

}  // namespace sightline::api
