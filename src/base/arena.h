// Memory that is freed all at once: the bytes of one batch of events.
#pragma once

#include <cstring>
#include <memory>
#include <memory_resource>
#include <string_view>

namespace sightline {

// Not thread-safe. Movable: views into it stay valid until it is destroyed.
class Arena {
 public:
  explicit Arena(std::size_t first_block_bytes = 16 * 1024)
      : resource_(std::make_unique<std::pmr::monotonic_buffer_resource>(first_block_bytes)) {}

  // A copy of `text` that lives as long as the arena.
  std::string_view copy(std::string_view text) {
    if (text.empty()) return {"", 0};
    char* bytes = allocate(text.size());
    std::memcpy(bytes, text.data(), text.size());
    return {bytes, text.size()};
  }

  char* allocate(std::size_t size_bytes) {
    allocated_bytes_ += size_bytes;
    return static_cast<char*>(resource_->allocate(size_bytes, 1));
  }

  std::pmr::memory_resource* resource() { return resource_.get(); }

  // Bytes handed out by allocate() and copy(); what containers take through resource() is not counted.
  std::size_t allocated_bytes() const { return allocated_bytes_; }

 private:
  std::unique_ptr<std::pmr::monotonic_buffer_resource> resource_;
  std::size_t allocated_bytes_ = 0;
};

}  // namespace sightline
