#include "store/clickhouse/embedded/failed_writes.h"

#include <dlfcn.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>

namespace sightline::store::clickhouse {
namespace {

// errno of a write that failed on the open descriptor, by descriptor; 0: none. As many as Linux gives a process unless
// it is told to give more; only the pages that are touched take memory.
constexpr std::size_t kDescriptors = 1U << 20U;
constinit std::array<std::atomic<std::uint8_t>, kDescriptors> write_errors{};

std::atomic<std::uint8_t>* write_error_of(int descriptor) {
  const auto at = static_cast<std::size_t>(descriptor);
  return descriptor >= 0 && at < kDescriptors ? &write_errors[at] : nullptr;
}

std::atomic<std::uint64_t> directory_failures{0};

// The function that the program would call without this file.
template <typename Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

int sync_and_count(int descriptor, int (*sync)(int)) {
  const std::atomic<std::uint8_t>* error = write_error_of(descriptor);
  const int failed =
      error == nullptr ? EIO : error->load();  // beyond the table nothing is known, so nothing is promised
  const int result = failed == 0 ? sync(descriptor) : -1;
  if (result == 0) return 0;
  const int reason = failed == 0 ? errno : failed;
  struct stat status{};
  if (::fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode)) ++directory_failures;
  errno = reason;
  return -1;
}

}  // namespace

bool writes_are_watched() {
  return ::dlsym(RTLD_DEFAULT, "write") == reinterpret_cast<void*>(&::write) &&
         ::dlsym(RTLD_DEFAULT, "fsync") == reinterpret_cast<void*>(&::fsync) &&
         ::dlsym(RTLD_DEFAULT, "fdatasync") == reinterpret_cast<void*>(&::fdatasync) &&
         ::dlsym(RTLD_DEFAULT, "close") == reinterpret_cast<void*>(&::close);
}

std::uint64_t failed_directory_syncs() { return directory_failures.load(); }

}  // namespace sightline::store::clickhouse

// In place of libc's, for this program and every library in it. Thread-safe; signal-safe after the first call.
extern "C" {

ssize_t write(int descriptor, const void* bytes, size_t size) {
  using namespace sightline::store::clickhouse;
  static const auto libc_write = next<ssize_t(int, const void*, size_t)>("write");
  const ssize_t written = libc_write(descriptor, bytes, size);
  if (written < 0 && errno != EINTR && errno != EAGAIN) {
    if (auto* error = write_error_of(descriptor)) error->store(static_cast<std::uint8_t>(errno));
  }
  return written;
}

int fsync(int descriptor) {
  using namespace sightline::store::clickhouse;
  static const auto libc_fsync = next<int(int)>("fsync");
  return sync_and_count(descriptor, libc_fsync);
}

int fdatasync(int descriptor) {
  using namespace sightline::store::clickhouse;
  static const auto libc_fdatasync = next<int(int)>("fdatasync");
  return sync_and_count(descriptor, libc_fdatasync);
}

int close(int descriptor) {
  using namespace sightline::store::clickhouse;
  static const auto libc_close = next<int(int)>("close");
  // First: the number may be another thread's as soon as it is closed.
  if (auto* error = write_error_of(descriptor); error != nullptr && error->load() != 0) error->store(0);
  return libc_close(descriptor);
}

}  // extern "C"
