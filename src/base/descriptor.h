// A file descriptor's owner, and what the system says of files.
#pragma once

#include <filesystem>
#include <string_view>
#include <utility>

#include "base/error.h"

namespace sightline {

// Owns a file descriptor.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  ~Descriptor();
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  int number() const { return number_; }
  bool open() const { return number_ >= 0; }

 private:
  int number_;
};

// What errno says, as an error (unavailable): "WHAT FILE: reason".
std::unexpected<Error> system_error(std::string_view what, const std::filesystem::path& file);

// All of the bytes, however many calls it takes. Errors: unavailable.
Result<void> write_all(int descriptor, std::string_view bytes, const std::filesystem::path& file);

// A file that only its owner may read, with this text; durable once its folder is. Errors: unavailable.
enum class Existing { replace, refuse };
Result<void> write_file(const std::filesystem::path& file, std::string_view text, Existing existing);

// Everything of the file system that holds `directory` is on disk when it returns.
// Errors: unavailable.
Result<void> sync_file_system(const std::filesystem::path& directory);

}  // namespace sightline
