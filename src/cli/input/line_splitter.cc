#include "cli/input/line_splitter.h"

#include <algorithm>
#include <functional>
#include <unordered_map>

#include "sources/audit/record.h"
#include "sources/decoder.h"

namespace sightline::cli {
namespace {

// How far beyond a possible cut records of the same audit event are looked for. The kernel interleaves events of
// different CPUs within a few records.
constexpr std::size_t kLookAheadBytes = 64UL * 1024;
constexpr std::size_t kLookAheadLines = 500;

// What the decoder takes for one event: the same host, time and serial, however the line was brought here.
std::uint64_t audit_event_of(std::string_view line) {
  const auto head = audit::parse_head(line);
  if (!head) return 0;
  const std::uint64_t node = std::hash<std::string_view>{}(head->node);
  constexpr std::uint64_t kMix = 0x9E3779B97F4A7C15U;
  return (((node * kMix) ^ static_cast<std::uint64_t>(head->time_ms)) * kMix ^ head->serial) | 1U;
}

}  // namespace

LineSplitter::LineSplitter(std::size_t max_bytes, bool keep_audit_events, std::uint64_t first_line,
                           std::uint64_t first_byte)
    : max_bytes_(max_bytes),
      look_ahead_bytes_(keep_audit_events ? kLookAheadBytes : 0),
      keep_audit_events_(keep_audit_events),
      first_line_(first_line),
      first_byte_(first_byte),
      read_bytes_(first_byte) {}

void LineSplitter::write(std::string_view bytes, std::vector<SplitBatch>& out) {
  while (!bytes.empty()) {
    const std::size_t feed = bytes.find('\n');
    const std::string_view part = bytes.substr(0, feed);
    // One byte over the limit is kept: enough for the decoder to see that the line is too long.
    const std::size_t kept = pending_.size() - line_begin_;
    const std::size_t room = sources::kMaxLineBytes + 1 - std::min(kept, sources::kMaxLineBytes + 1);
    pending_.append(part.substr(0, room));
    bytes.remove_prefix(part.size());
    read_bytes_ += part.size();
    if (feed == std::string_view::npos) break;
    bytes.remove_prefix(1);
    pending_ += '\n';
    ++read_bytes_;
    end_line();
    while (has_more_than_a_batch()) cut(lines_to_cut(), out);
  }
}

void LineSplitter::end_line() {
  const std::string_view line = std::string_view(pending_).substr(line_begin_);
  lines_.push_back({pending_.size(), read_bytes_, keep_audit_events_ ? audit_event_of(line) : 0});
  line_begin_ = pending_.size();
}

bool LineSplitter::has_more_than_a_batch() const {
  const std::size_t look_ahead_lines = keep_audit_events_ ? kLookAheadLines : 0;
  return line_begin_ > max_bytes_ + look_ahead_bytes_ || lines_.size() > kMaxBatchRecords + look_ahead_lines;
}

// The most lines that fit a batch such that no audit event has records on both sides; where there is no such place, the
// most lines that fit; at least one.
std::size_t LineSplitter::lines_to_cut() const {
  std::unordered_map<std::uint64_t, std::size_t> last_line_of;
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    if (lines_[i].event != 0) last_line_of[lines_[i].event] = i;
  }
  std::size_t best = 0;
  std::size_t fitting = 0;
  std::size_t open_until = 0;  // an event begun so far still has a record at this line
  for (std::size_t i = 0; i < std::min(lines_.size(), kMaxBatchRecords) && lines_[i].end <= max_bytes_; ++i) {
    fitting = i + 1;
    if (lines_[i].event != 0) open_until = std::max(open_until, last_line_of[lines_[i].event]);
    if (open_until <= i) best = i + 1;
  }
  return std::max<std::size_t>(best != 0 ? best : fitting, 1);
}

void LineSplitter::cut(std::size_t lines, std::vector<SplitBatch>& out) {
  const std::size_t end = lines_[lines - 1].end;
  out.push_back({pending_.substr(0, end), first_line_, static_cast<std::int64_t>(first_byte_)});
  first_byte_ = lines_[lines - 1].end_byte;
  pending_.erase(0, end);
  line_begin_ -= end;
  first_line_ += lines;
  lines_.erase(lines_.begin(), lines_.begin() + static_cast<std::ptrdiff_t>(lines));
  for (Line& line : lines_) line.end -= end;
}

void LineSplitter::pause(std::vector<SplitBatch>& out) {
  while (line_begin_ > max_bytes_ || lines_.size() > kMaxBatchRecords) cut(lines_to_cut(), out);
  if (!lines_.empty()) cut(lines_.size(), out);
}

void LineSplitter::finish(std::vector<SplitBatch>& out) {
  if (pending_.size() > line_begin_) end_line();  // a last line without a line feed
  pause(out);
}

}  // namespace sightline::cli
