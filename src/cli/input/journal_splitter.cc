#include "cli/input/journal_splitter.h"

#include <algorithm>

#include "sources/decoder.h"

namespace sightline::cli {

void JournalSplitter::write(std::string_view bytes, std::vector<SplitBatch>& out) {
  if (mode_ == Mode::unknown) {
    const std::size_t begin = bytes.find_first_not_of(" \t\r\n");
    const std::string_view blank = bytes.substr(0, begin);
    pending_.append(blank.substr(0, sources::kMaxLineBytes - std::min(pending_.size(), sources::kMaxLineBytes)));
    if (begin == std::string_view::npos) return;
    bytes.remove_prefix(begin);
    mode_ = bytes.front() == '{' || bytes.front() == '\x1e' ? Mode::json : Mode::exported;
    if (mode_ == Mode::json) {
      lines_.write(pending_, out);
      pending_.clear();
    } else {
      entry_begin_ = pending_.size();
      whole_lines_ = static_cast<std::uint64_t>(std::ranges::count(pending_, '\n'));
    }
  }
  mode_ == Mode::json ? lines_.write(bytes, out) : write_exported(bytes, out);
}

void JournalSplitter::write_exported(std::string_view bytes, std::vector<SplitBatch>& out) {
  while (!bytes.empty()) {
    bool ended = false;
    const std::string_view part = bytes.substr(0, scanner_.scan(bytes, ended));
    bytes.remove_prefix(part.size());
    // One byte over the limit is kept: enough for the decoder to see that the entry is too long.
    const std::size_t kept = pending_.size() - entry_begin_;
    const std::string_view fits =
        part.substr(0, sources::kMaxLineBytes + 1 - std::min(kept, sources::kMaxLineBytes + 1));
    pending_.append(fits);
    dropped_bytes_ += static_cast<std::int64_t>(part.size() - fits.size());
    entry_lines_ += static_cast<std::uint64_t>(std::ranges::count(part, '\n'));
    if (ended) end_entry(out);
  }
}

void JournalSplitter::end_entry(std::vector<SplitBatch>& out) {
  const bool cut_off = pending_.size() - entry_begin_ > sources::kMaxLineBytes;
  const bool full = pending_.size() > max_bytes_ || whole_entries_ == kMaxBatchRecords;
  if (entry_begin_ > 0 && (cut_off || full)) cut(entry_begin_, whole_lines_, out);
  ++whole_entries_;
  whole_lines_ += entry_lines_;
  entry_lines_ = 0;
  entry_begin_ = pending_.size();
  if (!cut_off) return;
  cut(pending_.size(), whole_lines_, out);  // alone: its end is not there
  first_byte_ += dropped_bytes_;
  dropped_bytes_ = 0;
}

void JournalSplitter::cut(std::size_t size, std::uint64_t lines, std::vector<SplitBatch>& out) {
  out.push_back({pending_.substr(0, size), first_line_, first_byte_});
  pending_.erase(0, size);
  first_byte_ += static_cast<std::int64_t>(size);
  entry_begin_ -= std::min(size, entry_begin_);
  first_line_ += lines;
  whole_lines_ -= lines;
  whole_entries_ = 0;
}

void JournalSplitter::pause(std::vector<SplitBatch>& out) {
  if (mode_ == Mode::json) return lines_.pause(out);
  if (mode_ == Mode::exported && entry_begin_ > 0) cut(entry_begin_, whole_lines_, out);
}

void JournalSplitter::finish(std::vector<SplitBatch>& out) {
  if (mode_ == Mode::json) return lines_.finish(out);
  if (pending_.size() > entry_begin_) {
    end_entry(out);  // a last entry without an end
  }
  pause(out);
}

}  // namespace sightline::cli
