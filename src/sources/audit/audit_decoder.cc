#include "sources/audit/audit_decoder.h"

#include <fmt/format.h>

#include <cstring>

#include "sources/audit/coalescer.h"
#include "sources/audit/event_mapper.h"
#include "sources/audit/record.h"

namespace sightline::audit {

namespace {

using sources::Decoded;

// What ausearch prints between events, and empty lines: no records, and no mistakes either.
bool is_separator_line(std::string_view line) {
  if (line.starts_with("type=")) return false;  // nearly all
  return line.empty() || line == "----" || line.starts_with("time->") ||
         line.find_first_not_of(" \t") == std::string_view::npos;
}

std::string_view without_end(std::string_view line) {
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

class AuditDecoder final : public sources::Decoder {
 public:
  explicit AuditDecoder(const sources::DecodeContext& context) : mapper_(context) {}

  void write(std::string_view chunk, Decoded& out) override {
    while (!chunk.empty()) {
      const auto* end = static_cast<const char*>(std::memchr(chunk.data(), '\n', chunk.size()));
      if (end == nullptr) return hold(chunk);
      const std::string_view line = chunk.substr(0, static_cast<std::size_t>(end - chunk.data()) + 1);
      chunk.remove_prefix(line.size());
      if (held_size_ == 0) {
        take_line(line, line.size(), out);
      } else {
        hold(line);
        take_line(held_, held_size_, out);
        release_held();
      }
    }
  }

  void finish(Decoded& out) override {
    if (held_size_ > 0) {
      cut_short_ = true;
      take_line(held_, held_size_, out);
      release_held();
    }
    coalescer_.close_all();
    emit_closed(out);
    cut_short_ = false;
  }

 private:
  // Keeps the beginning of a line whose end is yet to come; of one that is too long, what a rejection shows.
  void hold(std::string_view part) {
    held_size_ += part.size();
    if (held_size_ <= sources::kMaxLineBytes) {
      held_.append(part);
      return;
    }
    if (held_.size() < sources::kMaxRejectedBytes) {
      held_.append(part.substr(0, sources::kMaxRejectedBytes - held_.size()));
    }
    held_.resize(sources::kMaxRejectedBytes);
  }

  void release_held() {
    constexpr std::size_t kKeptCapacity = std::size_t{64} * 1024;
    if (held_.capacity() > kKeptCapacity) held_ = std::string();
    held_.clear();
    held_size_ = 0;
  }

  // `line` with its end, or its first bytes where it is longer than allowed; `size_bytes` is its whole size.
  void take_line(std::string_view line, std::size_t size_bytes, Decoded& out) {
    ++line_number_;
    if (size_bytes > sources::kMaxLineBytes) return reject_long(line, size_bytes, out);
    const std::string_view content = without_end(line);
    if (is_separator_line(content)) return;
    const std::expected<RecordHead, HeadError> head = parse_head(content);
    if (!head) {
      const HeadError& error = head.error();
      return sources::reject(out, line_number_, fmt::format("column {}: expected {}", error.column, error.expected),
                             line);
    }
    coalescer_.add(*head, line);
    emit_closed(out);
  }

  void reject_long(std::string_view line, std::size_t size_bytes, Decoded& out) {
    sources::reject(out, line_number_,
                    fmt::format("column {}: expected the end of the line: {} bytes are more than the {} allowed",
                                sources::kMaxLineBytes + 1, size_bytes, sources::kMaxLineBytes),
                    line, size_bytes);
  }

  void emit_closed(Decoded& out) {
    while (const OpenEvent* event = coalescer_.next_closed()) {
      const bool cut_short = cut_short_ && !event->lines.ends_with('\n');
      mapper_.map(*event, cut_short, out.events);
    }
  }

  Coalescer coalescer_;
  EventMapper mapper_;
  std::string held_;
  std::size_t held_size_ = 0;  // more than held_.size() where the line is too long
  std::uint64_t line_number_ = 0;
  bool cut_short_ = false;  // the input ended within a line
};

}  // namespace

std::unique_ptr<sources::Decoder> make_audit_decoder(const sources::DecodeContext& context) {
  return std::make_unique<AuditDecoder>(context);
}

}  // namespace sightline::audit
