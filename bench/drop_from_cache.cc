// drop_from_cache PATH…: has the kernel write the files under these paths and forget their content. posix_fadvise takes
// no rights and leaves the files of others alone.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <vector>

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> files_under(const fs::path& path) {
  if (!fs::is_directory(path)) return {path};
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(path)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  return files;
}

// True too where the file is gone: engines remove what they have merged.
bool drop(const fs::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return errno == ENOENT;
  const bool dropped = ::fdatasync(descriptor) == 0 && ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED) == 0;
  ::close(descriptor);
  return dropped;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    for (int i = 1; i < argc; ++i) {
      for (const fs::path& file : files_under(argv[i])) {
        if (drop(file)) continue;
        std::perror(file.c_str());
        return 1;
      }
    }
  } catch (const fs::filesystem_error& error) {
    std::fprintf(stderr, "drop_from_cache: %s\n", error.what());
    return 1;
  }
  return 0;
}
