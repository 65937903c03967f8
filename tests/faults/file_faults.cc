// Loaded into a server with LD_PRELOAD: what its disk does wrong.
//
// SIGHTLINE_FAULTS_UNDER   the files it is about: those whose path begins with this
// SIGHTLINE_FAULTS_SWITCH  a path: faults happen while there is a file
// SIGHTLINE_FAULTS_ONE_IN  one in so many writes and syncs fails, with EIO or ENOSPC; 0: none but those that always do
// SIGHTLINE_FAULTS_SEED    of which fail
// SIGHTLINE_FAULTS         how they fail:
//   fail         they say so, and of what a failed sync should have kept nothing is left
//   directories  every sync of a directory fails, nothing else
//   lie          whatever fails says that it succeeded
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace {

template <typename Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

std::string_view variable(const char* name) {
  const char* text = std::getenv(name);
  return text == nullptr ? std::string_view() : text;
}

std::uint64_t number(const char* name) {
  const std::string_view text = variable(name);
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

struct Plan {
  std::string_view under = variable("SIGHTLINE_FAULTS_UNDER");
  std::string switch_file{variable("SIGHTLINE_FAULTS_SWITCH")};
  std::uint64_t one_in = number("SIGHTLINE_FAULTS_ONE_IN");
  std::uint64_t seed = number("SIGHTLINE_FAULTS_SEED");
  bool lies = variable("SIGHTLINE_FAULTS") == "lie";
  bool directories = variable("SIGHTLINE_FAULTS") == "directories";
};

const Plan& plan() {
  static const Plan plan;
  return plan;
}

bool is_directory(int descriptor) {
  struct stat status{};
  return ::fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode);
}

bool is_concerned(int descriptor) {
  const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
  std::array<char, 4096> path{};
  const ssize_t size = ::readlink(link.c_str(), path.data(), path.size());
  return size > 0 && std::string_view(path.data(), static_cast<std::size_t>(size)).starts_with(plan().under) &&
         ::access(plan().switch_file.c_str(), F_OK) == 0;
}

// errno of the fault that this call has; 0: none.
int draw() {
  static std::atomic<std::uint64_t> calls{0};
  if (plan().one_in == 0) return 0;
  std::uint64_t bits = plan().seed * 0x9e37'79b9'7f4a'7c15U + ++calls;  // splitmix64
  bits = (bits ^ (bits >> 30U)) * 0xbf58'476d'1ce4'e5b9U;
  bits = (bits ^ (bits >> 27U)) * 0x94d0'49bb'1331'11ebU;
  bits ^= bits >> 31U;
  if (bits % plan().one_in != 0) return 0;
  return (bits >> 40U) % 2 == 0 ? EIO : ENOSPC;
}

// What was written to each descriptor since it was last synced.
class Unsynced {
 public:
  void add(int descriptor, off_t offset, ssize_t size) {
    if (size <= 0 || offset < 0) return;
    const std::lock_guard lock(mutex_);
    ranges_[descriptor].push_back({offset, static_cast<std::size_t>(size)});
  }
  void forget(int descriptor) {
    const std::lock_guard lock(mutex_);
    ranges_.erase(descriptor);
  }
  // As a disk does that could not take them: they read as zeros.
  void lose(int descriptor) {
    static const auto next_write = next<ssize_t(int, const void*, size_t, off_t)>("pwrite64");
    const std::lock_guard lock(mutex_);
    for (const Range& range : ranges_[descriptor]) {
      const std::string zeros(range.size, '\0');
      (void)!next_write(descriptor, zeros.data(), zeros.size(), range.offset);
    }
    ranges_.erase(descriptor);
  }

 private:
  struct Range {
    off_t offset;
    std::size_t size;
  };
  std::mutex mutex_;
  std::map<int, std::vector<Range>> ranges_;
};

Unsynced& unsynced() {
  static Unsynced unsynced;
  return unsynced;
}

template <typename Call>
ssize_t write_or_fault(int descriptor, size_t size, off_t offset, Call call) {
  if (!is_concerned(descriptor)) return call();
  const int fault = plan().directories ? 0 : draw();
  const ssize_t written = fault == 0 ? call() : -1;
  if (fault != 0) errno = fault;
  if (written < 0) return plan().lies ? static_cast<ssize_t>(size) : -1;
  unsynced().add(descriptor, offset, written);
  return written;
}

template <typename Call>
int sync_or_fault(int descriptor, Call call) {
  // Also while nothing fails: what is kept now is not lost later.
  const int fault = !is_concerned(descriptor) ? 0 : plan().directories ? (is_directory(descriptor) ? EIO : 0) : draw();
  if (fault == 0) {
    unsynced().forget(descriptor);
    return call();
  }
  unsynced().lose(descriptor);
  if (plan().lies) return 0;
  errno = fault;
  return -1;
}

}  // namespace

extern "C" {

ssize_t write(int descriptor, const void* bytes, size_t size) {
  static const auto next_write = next<ssize_t(int, const void*, size_t)>("write");
  if (descriptor <= STDERR_FILENO) return next_write(descriptor, bytes, size);
  const off_t offset = ::lseek(descriptor, 0, SEEK_CUR);
  return write_or_fault(descriptor, size, offset, [&] { return next_write(descriptor, bytes, size); });
}

ssize_t pwrite64(int descriptor, const void* bytes, size_t size, off64_t offset) {
  static const auto next_write = next<ssize_t(int, const void*, size_t, off64_t)>("pwrite64");
  return write_or_fault(descriptor, size, offset, [&] { return next_write(descriptor, bytes, size, offset); });
}

int fsync(int descriptor) {
  static const auto next_sync = next<int(int)>("fsync");
  return sync_or_fault(descriptor, [&] { return next_sync(descriptor); });
}

int fdatasync(int descriptor) {
  static const auto next_sync = next<int(int)>("fdatasync");
  return sync_or_fault(descriptor, [&] { return next_sync(descriptor); });
}

int syncfs(int descriptor) {
  static const auto next_sync = next<int(int)>("syncfs");
  return sync_or_fault(descriptor, [&] { return next_sync(descriptor); });
}

int close(int descriptor) {
  static const auto next_close = next<int(int)>("close");
  unsynced().forget(descriptor);
  return next_close(descriptor);
}

}  // extern "C"
