// Loaded into a server with LD_PRELOAD: what its files do wrong.
//
// SIGHTLINE_FAULTS_UNDER   the files it is about: those whose path begins with this
// SIGHTLINE_FAULTS         lie   a write that failed says it wrote everything
#include <dlfcn.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

template <typename Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

std::string_view variable(const char* name) {
  const char* text = std::getenv(name);
  return text == nullptr ? std::string_view() : text;
}

bool is_concerned(int descriptor) {
  static const std::string_view under = variable("SIGHTLINE_FAULTS_UNDER");
  const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
  std::array<char, 4096> path{};
  const ssize_t size = ::readlink(link.c_str(), path.data(), path.size());
  return !under.empty() && size > 0 && std::string_view(path.data(), static_cast<std::size_t>(size)).starts_with(under);
}

bool lies() {
  static const bool yes = variable("SIGHTLINE_FAULTS") == "lie";
  return yes;
}

}  // namespace

extern "C" ssize_t write(int descriptor, const void* bytes, size_t size) {
  static const auto next_write = next<ssize_t(int, const void*, size_t)>("write");
  const ssize_t written = next_write(descriptor, bytes, size);
  return written < 0 && lies() && is_concerned(descriptor) ? static_cast<ssize_t>(size) : written;
}
