// What offline commands and ingest read: a file or standard input, decompressed on the way, in bounded pieces.
#pragma once

#include <cstddef>
#include <istream>
#include <memory>
#include <optional>
#include <streambuf>
#include <string>
#include <string_view>

#include "base/error.h"
#include "sources/compression/decompressor.h"

namespace sightline::cli {

// Not thread-safe. Gzip and zstd are recognised by their first bytes.
class Input {
 public:
  // `name` is a path, or "-" for `in_fd`, which stays open. Errors: unavailable.
  static Result<Input> open(const std::string& name, int in_fd);
  ~Input();
  Input(Input&&) noexcept;
  Input& operator=(Input&&) = delete;

  enum class State { data, idle, end };
  struct Piece {
    State state = State::end;
    std::string_view bytes;  // of data: never empty; valid until the next call
  };

  // The next bytes. idle: nothing came for `idle_ms` (negative: wait for ever); what was read so far was handed out.
  // Errors: unavailable (reading fails), invalid_input (damaged compression; the good bytes before it were handed out).
  Result<Piece> read(int idle_ms = -1);

  // How the input begins: up to the end of its first line that is not blank, 64 KiB or so, or its end. Waits for it;
  // read() hands it out all the same, and says what went wrong. Valid until read().
  std::string_view peek();

  const std::string& name() const { return name_; }
  // Of a regular file, its size; 0 where it is not known.
  std::uint64_t size_bytes() const { return size_bytes_; }
  // Bytes read so far, before decompression.
  std::uint64_t read_bytes() const { return read_bytes_; }

 private:
  Input(std::string name, int fd, bool owns_fd);
  Result<std::size_t> fill(std::string& raw);
  Result<void> decompress(std::string_view raw);
  Result<void> start(std::string_view first_bytes);

  std::string name_;  // "standard input" for "-"
  int fd_;
  bool owns_fd_;
  bool ended_ = false;
  std::uint64_t size_bytes_ = 0;
  std::uint64_t read_bytes_ = 0;
  std::unique_ptr<std::string> decompressed_;  // on the heap: the decompressor's sink points at it
  std::unique_ptr<sources::Decompressor> decompressor_;
  std::string raw_;
  std::optional<Error> pending_error_;
  std::string peeked_;
};

// An Input as a stream. A failed read sets badbit, and error() says why.
class InputStream final : private std::streambuf, public std::istream {
 public:
  explicit InputStream(Input input) : std::istream(this), input_(std::move(input)) {}
  const std::optional<Error>& error() const { return error_; }

 private:
  std::streambuf::int_type underflow() override;

  Input input_;
  std::string piece_;
  std::optional<Error> error_;
};

}  // namespace sightline::cli
