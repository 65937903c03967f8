#include "sources/syslog/framer.h"

#include <algorithm>

#include "sources/decoder.h"

namespace sightline::syslog {
namespace {

constexpr std::size_t kMaxLengthDigits = 10;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

enum class Beginning : std::uint8_t { open, length, other };

// "123 <", a length without leading zeros before a priority.
Beginning beginning_of(std::string_view text) {
  std::size_t digits = 0;
  while (digits < text.size() && is_digit(text[digits])) ++digits;
  if (digits > kMaxLengthDigits || (!text.empty() && text.front() == '0')) return Beginning::other;
  if (digits == text.size()) return Beginning::open;
  if (digits == 0 || text[digits] != ' ') return Beginning::other;
  if (digits + 1 == text.size()) return Beginning::open;
  return text[digits + 1] == '<' ? Beginning::length : Beginning::other;
}

void release(std::string& text) {
  if (text.capacity() > sources::kMaxLineBytes / 4) {
    std::string().swap(text);
  } else {
    text.clear();
  }
}

}  // namespace

void Framer::write(std::string_view chunk, const Sink& sink) {
  if (mode_ == Mode::unknown) {
    // Few bytes decide; the others need not be copied.
    const std::string_view first = chunk.substr(0, std::min(chunk.size(), kMaxLengthDigits + 2));
    held_.append(first);
    chunk.remove_prefix(first.size());
    const Beginning beginning = beginning_of(held_);
    if (beginning == Beginning::open) return;
    mode_ = beginning == Beginning::length ? Mode::counted : Mode::lines;
    const std::string start = std::move(held_);
    held_.clear();
    write(start, sink);
  }
  mode_ == Mode::lines ? write_lines(chunk, sink) : write_counted(chunk, sink);
}

void Framer::finish(const Sink& sink) {
  if (mode_ == Mode::unknown) {
    mode_ = Mode::lines;
    const std::string start = std::move(held_);
    held_.clear();
    write_lines(start, sink);
  }
  if (mode_ == Mode::lines) {
    return lines_.finish([&](const ndjson::LineSplitter::Line& line) {
      sink({.bytes = line.bytes, .number = line.number, .size_bytes = line.size_bytes});
    });
  }
  if (state_ == State::length && !held_.empty()) {
    hand_over({.bytes = held_, .size_bytes = held_.size(), .bad_length = true}, sink);
  } else if (state_ == State::body) {
    hand_over({.bytes = held_, .size_bytes = seen_, .cut_short = true}, sink);
  } else if (state_ == State::bad_line) {
    hand_over({.bytes = held_, .size_bytes = size_bytes_, .bad_length = true}, sink);
  }
  state_ = State::length;
}

void Framer::write_lines(std::string_view chunk, const Sink& sink) {
  lines_.write(chunk, [&](const ndjson::LineSplitter::Line& line) {
    sink({.bytes = line.bytes, .number = line.number, .size_bytes = line.size_bytes});
  });
}

void Framer::write_counted(std::string_view chunk, const Sink& sink) {
  while (!chunk.empty()) {
    switch (state_) {
      case State::length:
        take_length(chunk);
        break;
      case State::body:
        take_body(chunk, sink);
        break;
      case State::bad_line:
        take_bad_line(chunk, sink);
        break;
    }
  }
}

// Some senders end each message with a line feed all the same: it is passed over.
void Framer::take_length(std::string_view& chunk) {
  const char c = chunk.front();
  if (held_.empty() && (c == '\n' || c == '\r')) {
    chunk.remove_prefix(1);
    return;
  }
  if (is_digit(c) && held_.size() < kMaxLengthDigits && (c != '0' || !held_.empty())) {
    held_.push_back(c);
    chunk.remove_prefix(1);
    return;
  }
  if (c == ' ' && !held_.empty()) {
    announced_ = std::stoull(held_);
    seen_ = 0;
    held_.clear();
    chunk.remove_prefix(1);
    state_ = State::body;
    return;
  }
  size_bytes_ = held_.size();
  state_ = State::bad_line;
}

void Framer::take_body(std::string_view& chunk, const Sink& sink) {
  const std::string_view part =
      chunk.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(chunk.size(), announced_ - seen_)));
  chunk.remove_prefix(part.size());
  seen_ += part.size();
  if (held_.empty() && seen_ == announced_) return hand_over({.bytes = part, .size_bytes = seen_}, sink);
  held_.append(part.substr(0, std::min(part.size(), sources::kMaxLineBytes + 1 - held_.size())));
  if (seen_ == announced_) hand_over({.bytes = held_, .size_bytes = seen_}, sink);
}

void Framer::take_bad_line(std::string_view& chunk, const Sink& sink) {
  const std::size_t end = chunk.find('\n');
  const std::string_view part = chunk.substr(0, end);
  held_.append(part.substr(
      0, std::min(part.size(), sources::kMaxRejectedBytes - std::min(held_.size(), sources::kMaxRejectedBytes))));
  size_bytes_ += part.size();
  chunk.remove_prefix(part.size());
  if (end == std::string_view::npos) return;
  chunk.remove_prefix(1);
  hand_over({.bytes = held_, .size_bytes = size_bytes_, .bad_length = true}, sink);
}

void Framer::hand_over(Frame frame, const Sink& sink) {
  frame.number = number_++;
  sink(frame);
  release(held_);
  state_ = State::length;
}

}  // namespace sightline::syslog
