#include "cli/input/json_splitter.h"

#include <algorithm>

#include "sources/decoder.h"

namespace sightline::cli {
namespace {

constexpr std::size_t kMaxKeyBytes = 16;  // longer than any list key

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

}  // namespace

void JsonSplitter::write(std::string_view bytes, std::vector<SplitBatch>& out) {
  while (!bytes.empty()) {
    if (lines_) {
      bytes.remove_prefix(write_line(bytes, out));
    } else {
      scan(bytes.front(), out);
      bytes.remove_prefix(1);
    }
  }
}

// Takes bytes up to a line's end. A line that is too long for one body, or for a decoder to take as one record, is a
// list of records as likely as not: it is split like one.
std::size_t JsonSplitter::write_line(std::string_view bytes, std::vector<SplitBatch>& out) {
  const std::size_t feed = bytes.find('\n');
  const std::size_t size = feed == std::string_view::npos ? bytes.size() : feed + 1;
  if (lines_->unfinished().size() + size > std::min(max_bytes_, sources::kMaxLineBytes)) {
    begin_long_line(out);
    return 0;
  }
  lines_->write(bytes.substr(0, size), out);
  return size;
}

void JsonSplitter::begin_long_line(std::vector<SplitBatch>& out) {
  lines_->pause(out);
  const std::string begin(lines_->unfinished());
  line_ = document_line_ = lines_->first_line();
  byte_ = lines_->first_byte();
  lines_.reset();
  long_line_ = true;
  start_afresh();
  for (const char c : begin) scan(c, out);
}

void JsonSplitter::end_long_line(std::vector<SplitBatch>& out) {
  long_line_ = false;
  send_rest(out);
  start_afresh();
  lines_.emplace(max_bytes_, false, line_, byte_);
}

void JsonSplitter::start_afresh() {
  pending_.clear();
  begin_ = {0, line_, Within::nothing, byte_};
  last_.reset();
  record_begin_ = 0;
  truncated_ = in_records_ = in_string_ = escaped_ = false;
  depth_ = 0;
  previous_ = 0;
  key_.clear();
}

void JsonSplitter::scan(char c, std::vector<SplitBatch>& out) {
  if (const std::optional<Within> within = record_begins(c)) begin_record(*within, out);
  keep(c);
  ++byte_;
  if (in_string_) {
    scan_in_string(c);
  } else {
    scan_structure(c);
  }
  if (c == '\n') end_line(out);
}

// A first document that fills a line says that the others will too. Lines are safer ground than brackets then, because
// a broken one ends where it ends.
void JsonSplitter::end_line(std::vector<SplitBatch>& out) {
  const bool document_ended = depth_ == 0 && previous_ != 0;
  const bool on_this_line = document_line_ == line_;
  ++line_;
  if (long_line_) return end_long_line(out);
  if (layout_known_ || !document_ended) return;
  layout_known_ = true;
  if (!on_this_line || begin_.within != Within::nothing) return;
  if (truncated_) return end_long_line(out);
  lines_.emplace(max_bytes_, false, begin_.line, begin_.byte);
  const std::string lines_so_far = std::move(pending_);
  pending_.clear();
  lines_->write(lines_so_far, out);
}

void JsonSplitter::scan_in_string(char c) {
  if (c == '\n') {  // no JSON: start again at the next line
    in_string_ = escaped_ = in_records_ = false;
    depth_ = 0;
    previous_ = c;
    return;
  }
  if (escaped_) {
    escaped_ = false;
  } else if (c == '\\') {
    escaped_ = true;
  } else if (c == '"') {
    in_string_ = false;
  } else if (depth_ == 1 && key_.size() < kMaxKeyBytes) {
    key_ += c;
  }
}

void JsonSplitter::scan_structure(char c) {
  if (!is_space(c)) previous_ = c;
  switch (c) {
    case '"':
      in_string_ = true;
      if (depth_ == 1) key_.clear();
      return;
    case '{':
    case '[':
      if (depth_ == 0) {
        outermost_ = c;
        document_line_ = line_;
      }
      ++depth_;
      if (depth_ == 2) in_records_ = c == '[' && outermost_ == '{' && key_ == list_key_;
      return;
    case '}':
    case ']':
      if (depth_ == 0) return;
      --depth_;
      if (depth_ < 2) in_records_ = false;
      return;
    default:
      return;
  }
}

// Only objects are records; what else stands in their place stays with the one before it.
std::optional<JsonSplitter::Within> JsonSplitter::record_begins(char c) const {
  if (in_string_ || (c != '{' && c != '[')) return std::nullopt;
  if (depth_ == 0) return Within::nothing;
  if (c != '{') return std::nullopt;
  if (depth_ == 1 && outermost_ == '[') return Within::array;
  if (depth_ == 2 && in_records_) return Within::records;
  return std::nullopt;
}

void JsonSplitter::begin_record(Within within, std::vector<SplitBatch>& out) {
  // Before the first record of the input or of a list there is nothing to send.
  const bool is_first = previous_ == 0 || (within != Within::nothing && previous_ == '[');
  if (!is_first) {
    ++records_;
    const bool was_truncated = truncated_;
    if (last_ && pending_.size() > max_bytes_) cut_at(Place(*last_), out);
    const Place here{pending_.size(), line_, within, byte_};
    if (here.offset != 0 && (here.offset > max_bytes_ || records_ >= kMaxBatchRecords || was_truncated)) {
      cut_at(here, out);
    } else if (here.offset != 0) {
      last_ = here;
    }
  }
  record_begin_ = pending_.size();
}

void JsonSplitter::cut_at(const Place& place, std::vector<SplitBatch>& out) {
  const std::string open[] = {"", "[", "{\"" + list_key_ + "\":["};
  constexpr std::string_view kClose[] = {"", "]", "]}"};
  std::size_t end = place.offset;
  if (place.within != Within::nothing) {
    while (end > 0 && (is_space(pending_[end - 1]) || pending_[end - 1] == ',')) --end;
  }
  SplitBatch batch;
  batch.body = open[static_cast<std::size_t>(begin_.within)];
  batch.first_byte = static_cast<std::int64_t>(begin_.byte) - static_cast<std::int64_t>(batch.body.size());
  batch.body.append(pending_, 0, end);
  batch.body += kClose[static_cast<std::size_t>(place.within)];
  batch.first_line = begin_.line;
  out.push_back(std::move(batch));
  pending_.erase(0, place.offset);
  record_begin_ -= std::min(record_begin_, place.offset);
  begin_ = {0, place.line, place.within, place.byte};
  last_.reset();
  records_ = 0;
  truncated_ = false;
}

// Of a record no decoder takes, only as much as shows that.
void JsonSplitter::keep(char c) {
  if (pending_.size() - record_begin_ > sources::kMaxLineBytes + 1) {
    truncated_ = true;
    return;
  }
  pending_ += c;
}

void JsonSplitter::pause(std::vector<SplitBatch>& out) {
  if (lines_) {
    lines_->pause(out);
    return;
  }
  if (depth_ != 0 || in_string_) return;
  send_rest(out);
  begin_ = {0, line_, Within::nothing, byte_};
}

void JsonSplitter::finish(std::vector<SplitBatch>& out) {
  if (lines_) {
    lines_->finish(out);
    return;
  }
  send_rest(out);
}

void JsonSplitter::send_rest(std::vector<SplitBatch>& out) {
  if (last_ && pending_.size() > max_bytes_) cut_at(Place(*last_), out);
  if (pending_.find_first_not_of(" \t\r\n") == std::string::npos) {
    pending_.clear();
    return;
  }
  cut_at({pending_.size(), line_, Within::nothing, byte_}, out);
}

}  // namespace sightline::cli
