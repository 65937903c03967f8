#include "cli/input/input.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <utility>

namespace sightline::cli {
namespace {

constexpr std::size_t kRawBytes = 64UL * 1024;
constexpr std::size_t kDecidingBytes = 4;  // detect_encoding needs no more

// Output is streamed, so a bomb costs time, which is the user's, but no memory.
sources::DecompressionLimits no_limits() {
  return {.output_bytes = std::numeric_limits<std::uint64_t>::max(),
          .ratio = std::numeric_limits<std::uint32_t>::max(),
          .ratio_grace_bytes = std::numeric_limits<std::uint32_t>::max()};
}

bool is_readable(int fd, int timeout_ms) {
  pollfd waiting{.fd = fd, .events = POLLIN, .revents = 0};
  int ready = 0;
  do {
    ready = poll(&waiting, 1, timeout_ms);
  } while (ready < 0 && errno == EINTR);
  return ready != 0;  // an error shows when reading
}

}  // namespace

Input::Input(std::string name, int fd, bool owns_fd)
    : name_(std::move(name)), fd_(fd), owns_fd_(owns_fd), decompressed_(std::make_unique<std::string>()) {}

Input::Input(Input&& other) noexcept
    : name_(std::move(other.name_)),
      fd_(std::exchange(other.fd_, -1)),
      owns_fd_(std::exchange(other.owns_fd_, false)),
      ended_(other.ended_),
      size_bytes_(other.size_bytes_),
      read_bytes_(other.read_bytes_),
      decompressed_(std::move(other.decompressed_)),
      decompressor_(std::move(other.decompressor_)),
      raw_(std::move(other.raw_)),
      pending_error_(std::move(other.pending_error_)) {}

Input::~Input() {
  if (owns_fd_) close(fd_);
}

Result<Input> Input::open(const std::string& name, int in_fd) {
  if (name == "-") return Input("standard input", in_fd, false);
  const int fd = ::open(name.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return fail(ErrorCode::unavailable, fmt::format("cannot open {}: {}", name, std::strerror(errno)));
  Input input(name, fd, true);
  struct stat status{};
  if (fstat(fd, &status) == 0) {
    if (S_ISDIR(status.st_mode)) return fail(ErrorCode::unavailable, fmt::format("{} is a folder", name));
    if (S_ISREG(status.st_mode)) input.size_bytes_ = static_cast<std::uint64_t>(status.st_size);
  }
  return input;
}

// Appends what one read() returns; 0 is the end.
Result<std::size_t> Input::fill(std::string& raw) {
  const std::size_t before = raw.size();
  raw.resize(before + kRawBytes);
  ssize_t count = 0;
  do {
    count = ::read(fd_, raw.data() + before, kRawBytes);
  } while (count < 0 && errno == EINTR);
  raw.resize(before + (count > 0 ? static_cast<std::size_t>(count) : 0));
  if (count < 0) return fail(ErrorCode::unavailable, fmt::format("cannot read {}: {}", name_, std::strerror(errno)));
  read_bytes_ += static_cast<std::uint64_t>(count);
  return static_cast<std::size_t>(count);
}

Result<void> Input::start(std::string_view first_bytes) {
  const sources::Encoding encoding = sources::detect_encoding(first_bytes);
  std::string* target = decompressed_.get();
  decompressor_ =
      sources::make_decompressor(encoding, [target](std::string_view bytes) { target->append(bytes); }, no_limits());
  return {};
}

Result<void> Input::decompress(std::string_view raw) {
  if (decompressor_ == nullptr) {
    if (Result<void> started = start(raw); !started) return started;
  }
  return decompressor_->write(raw);
}

Result<Input::Piece> Input::read(int idle_ms) {
  decompressed_->clear();
  decompressed_->swap(peeked_);
  while (decompressed_->empty()) {
    if (pending_error_) return std::unexpected(*pending_error_);
    if (ended_) return Piece{};
    if (!is_readable(fd_, idle_ms)) return Piece{.state = State::idle, .bytes = {}};
    Result<std::size_t> count = fill(raw_);
    if (!count) return std::unexpected(count.error());
    ended_ = *count == 0;
    if (decompressor_ == nullptr && raw_.size() < kDecidingBytes && !ended_) continue;
    Result<void> done = decompress(raw_);
    raw_.clear();
    if (done && ended_) done = decompressor_->finish();
    // Bytes that came before the damage go out first.
    if (!done) pending_error_ = Error{done.error().code, fmt::format("{}: {}", name_, done.error().message)};
  }
  return Piece{.state = State::data, .bytes = *decompressed_};
}

std::string_view Input::peek() {
  constexpr std::size_t kEnough = std::size_t{64} * 1024;
  const auto has_line = [](std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t\r\n");
    return begin != std::string_view::npos && text.find('\n', begin) != std::string_view::npos;
  };
  std::string beginning;
  while (beginning.size() < kEnough && !has_line(beginning)) {
    const Result<Piece> piece = read();
    if (!piece) pending_error_ = piece.error();
    if (!piece || piece->state == State::end) break;
    beginning += piece->bytes;
  }
  peeked_ = std::move(beginning);
  return peeked_;
}

std::streambuf::int_type InputStream::underflow() {
  const Result<Input::Piece> piece = input_.read();
  if (!piece) {
    error_ = piece.error();
    throw std::runtime_error(error_->message);  // caught by std::istream, which sets badbit
  }
  if (piece->state == Input::State::end) return std::streambuf::traits_type::eof();
  piece_ = piece->bytes;
  setg(piece_.data(), piece_.data(), piece_.data() + piece_.size());
  return std::streambuf::traits_type::to_int_type(piece_.front());
}

}  // namespace sightline::cli
