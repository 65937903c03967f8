// ClickHouse's RowBinary format, value by value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sightline::store::clickhouse {

// Reads the basic types of RowBinary one after the other. Running off the end is remembered, not fatal.
class BinaryReader {
 public:
  explicit BinaryReader(std::string_view bytes) : rest_(bytes) {}

  bool at_end() const { return rest_.empty() || failed_; }
  bool failed() const { return failed_; }
  std::string_view rest() const { return rest_; }
  std::uint64_t varint();
  std::string_view text();
  std::string_view fixed(std::size_t size);
  template <class Integer>
  Integer integer() {
    Integer value{};
    const std::string_view bytes = fixed(sizeof value);
    if (!failed_) std::char_traits<char>::copy(reinterpret_cast<char*>(&value), bytes.data(), sizeof value);
    return value;
  }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace sightline::store::clickhouse
