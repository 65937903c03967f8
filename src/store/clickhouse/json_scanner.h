// A single pass over JSON that names the path of every scalar. It also reads shapes (shape.h), in which one control
// byte stands for a value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sightline::store::clickhouse {

// The end of the scalar that starts at `begin`, or npos where none does.
std::size_t scalar_end(std::string_view text, std::size_t begin);

// Paths join keys with '.', array indices are left out. Keys with escapes are not read: their path would need decoding,
// and no sender we know writes them.
class JsonScanner {
 public:
  explicit JsonScanner(std::string_view text) : text_(text) {}

  struct Scalar {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::string_view path;  // until the next call
  };

  // False at the end of the text, and where it cannot be read; failed() tells which.
  bool next(Scalar& scalar);
  bool failed() const { return failed_; }

 private:
  static constexpr std::size_t kMaxDepth = 64;

  struct Level {
    bool object = false;
    std::size_t path_size = 0;  // of the container itself
  };
  void skip_space();
  bool fail();
  bool open(bool object);
  bool read_key();

  std::string_view text_;
  std::size_t at_ = 0;
  std::string path_;
  std::vector<Level> levels_;
  bool value_expected_ = true;  // otherwise a comma or the end of the container
  bool failed_ = false;
};

}  // namespace sightline::store::clickhouse
