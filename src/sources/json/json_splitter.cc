#include "sources/json/json_splitter.h"

#include <fmt/format.h>

#include <algorithm>

#include "sources/decoder.h"
#include "sources/json/bracket_match.h"

namespace sightline::sources {
namespace {

// Chunks are taken in pieces of this size, so that a large one is not copied whole.
constexpr std::size_t kPieceBytes = std::size_t{256} * 1024;

// Objects up to this size are looked for the fast way. When one was not found, the fast way is left for this long:
// so broken input costs a bounded number of looks at each byte.
constexpr std::size_t kMaxFastBytes = std::size_t{16} * 1024;
constexpr std::size_t kSlowBytes = std::size_t{64} * 1024;

constexpr std::size_t kMaxLists = 8;  // one in the other

// A value is scanned up to here. One byte more than a value may have, so that the limit does not depend on chunks.
constexpr std::size_t kScannedBytes = kMaxLineBytes + 1;

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

// Line breaks are rare in most input: jumping from one to the next beats comparing every byte.
std::uint64_t count_lines(std::string_view bytes) {
  std::uint64_t count = 0;
  for (std::size_t at = bytes.find('\n'); at != std::string_view::npos; at = bytes.find('\n', at + 1)) ++count;
  return count;
}

std::string describe_unexpected(char c) {
  if (c == '\xFF' || c == '\xFE') return "expected JSON in UTF-8; this looks like UTF-16";
  if (c == '\x1F') return "expected JSON; this looks like gzip";
  return "expected a JSON object";
}

}  // namespace

void JsonSplitter::write(std::string_view chunk, Sink& sink) {
  while (!chunk.empty()) {
    const std::string_view piece = chunk.substr(0, kPieceBytes);
    chunk.remove_prefix(piece.size());
    buffer_ += piece;
    process(sink);
    buffer_.erase(0, start_);
    start_ = 0;
    if (buffer_.empty() && buffer_.capacity() > 4 * kPieceBytes) std::string().swap(buffer_);
  }
}

void JsonSplitter::process(Sink& sink) {
  bool progress = true;
  while (progress) {
    switch (mode_) {
      case Mode::between:
        progress = process_between(sink);
        break;
      case Mode::value:
        progress = process_value(sink);
        break;
      case Mode::skip:
        progress = process_skip(sink);
        break;
      case Mode::too_long:
        progress = process_too_long(sink);
        break;
      case Mode::resync:
        progress = process_resync(sink);
        break;
    }
  }
}

void JsonSplitter::consume(std::size_t size) {
  const std::string_view bytes = rest().substr(0, size);
  place_.line += count_lines(bytes);
  place_.offset += size;
  start_ += size;
  position_ = 0;
}

// The functions below return false where they need more bytes.

bool JsonSplitter::process_between(Sink& sink) {
  const std::string_view bytes = rest();
  if (place_.offset == 0 && kByteOrderMark.starts_with(bytes.substr(0, kByteOrderMark.size()))) {
    if (bytes.size() < kByteOrderMark.size()) return false;
    consume(kByteOrderMark.size());
    return true;
  }
  const auto begin = std::ranges::find_if_not(bytes, [](char c) { return is_space(c) || c == ','; });
  consume(static_cast<std::size_t>(begin - bytes.begin()));
  if (rest().empty()) return false;
  const char c = rest().front();
  if (c == ']' && !lists_.empty()) {
    close_list();
  } else if (after_bad_ && (c == ']' || c == '}')) {
    consume(1);  // the end of what broke
  } else if (c == '[' && lists_.empty()) {
    open_list(false);
  } else if (c == '{' && take_fast(sink)) {
    return true;
  } else if (c == '{' || !lists_.empty()) {
    scanner_.start(lists_.size() < kMaxLists ? list_key_ : "");
    is_owner_ = false;
    mode_ = Mode::value;
  } else {
    begin_bad(describe_unexpected(c), 0);
    scanner_.start({});
    resync();
  }
  return true;
}

// Takes an object that is JSON throughout, as almost all are, without the scanner. What comes out is the same.
bool JsonSplitter::take_fast(Sink& sink) {
  if (place_.offset < slow_until_) return false;
  const std::string_view window = rest().substr(0, kMaxFastBytes);
  const std::string_view bytes = window.substr(0, match_bracket(window));
  if (bytes.empty()) {
    if (window.size() == kMaxFastBytes) slow_until_ = place_.offset + kSlowBytes;
    return false;
  }
  // Its list would have to be taken out of it.
  if (bytes.find(list_key_ + '"') != std::string_view::npos) return false;
  if (!sink.on_object(bytes, place_)) return false;
  after_bad_ = false;
  consume(bytes.size());
  return true;
}

void JsonSplitter::open_list(bool has_owner) {
  lists_.push_back({has_owner, has_owner ? scanner_ : JsonScanner(), false, place_});
  if (!has_owner) consume(1);
  mode_ = Mode::between;
}

void JsonSplitter::close_list() {
  consume(1);
  List list = std::move(lists_.back());
  lists_.pop_back();
  if (!list.has_owner) return;
  scanner_ = std::move(list.owner);
  is_owner_ = true;
  mode_ = Mode::value;
}

bool JsonSplitter::process_value(Sink& sink) {
  const std::string_view bytes = rest().substr(0, kScannedBytes);
  const JsonScanner::Status status = scanner_.scan(bytes, position_);
  if (bytes.size() == kScannedBytes && position_ == kScannedBytes) {
    begin_bad(fmt::format("expected at most {} bytes in one value, which starts", kMaxLineBytes), 0);
    salvage_lines(bytes, sink);
    extend_bad(kScannedBytes);
    mode_ = Mode::too_long;
    if (status != JsonScanner::Status::incomplete) end_too_long(status, sink);
    return true;
  }
  switch (status) {
    case JsonScanner::Status::incomplete:
      return false;
    case JsonScanner::Status::complete:
      finish_value(sink);
      return true;
    case JsonScanner::Status::list:
      consume(position_);
      open_list(true);
      return true;
    case JsonScanner::Status::broken:
      break_value(sink);
      return true;
  }
  return false;
}

void JsonSplitter::finish_value(Sink& sink) {
  const std::string_view bytes = rest().substr(0, position_);
  if (!is_owner_ && bytes.starts_with('{')) {
    after_bad_ = false;
    if (!sink.on_object(bytes, place_)) sink.on_bad_object(bytes, place_);
  } else if (!is_owner_) {
    sink.on_bad(fmt::format("expected a JSON object at byte {}", place_.offset), bytes.substr(0, kMaxRejectedBytes),
                bytes.size(), place_);
  }
  consume(position_);
  mode_ = Mode::between;
}

void JsonSplitter::break_value(Sink& sink) {
  const std::string_view bytes = rest();
  const bool starts_value = bytes[position_] == '{' && scanner_.depth() < JsonScanner::kMaxDepth;
  const bool unclosed_string = bytes[position_] == '\n';
  begin_bad(scanner_.expected(), position_);
  salvage_lines(bytes.substr(0, position_), sink);
  extend_bad(position_);
  if (starts_value) {
    report_bad(sink);
  } else if (scanner_.depth() > 0 && !unclosed_string) {
    mode_ = Mode::skip;
  } else {
    resync();
  }
}

bool JsonSplitter::process_skip(Sink& sink) {
  const JsonScanner::Status status = scanner_.skip(rest(), position_);
  extend_bad(position_);
  if (status == JsonScanner::Status::incomplete) return false;
  const bool too_deep = scanner_.depth() == JsonScanner::kMaxDepth;
  if (status == JsonScanner::Status::complete || (rest().front() == '{' && !too_deep)) {
    report_bad(sink);
  } else {
    resync();
  }
  return true;
}

// A line that begins with '{' is taken for the next object: the long one was likely cut short.
bool JsonSplitter::process_too_long(Sink& sink) {
  const std::string_view bytes = rest();
  const std::size_t line = bytes.find("\n{");
  const bool line_found = line != std::string_view::npos;
  // A line break at the end waits for the byte behind it.
  const std::size_t size = line_found ? line : bytes.size() - (bytes.ends_with('\n') ? 1 : 0);
  const JsonScanner::Status status = scanner_.scan(bytes.substr(0, size), position_);
  if (status != JsonScanner::Status::incomplete) {
    extend_bad(position_);
    end_too_long(status, sink);
    return true;
  }
  extend_bad(line_found ? line + 1 : size);
  if (line_found) report_bad(sink);
  return line_found;
}

void JsonSplitter::end_too_long(JsonScanner::Status status, Sink& sink) {
  if (status == JsonScanner::Status::broken) {
    resync();
    return;
  }
  report_bad(sink);
  if (status == JsonScanner::Status::list) open_list(true);
}

// The first byte of rest() is the one that broke.
void JsonSplitter::resync() {
  lines_only_ = scanner_.depth() == JsonScanner::kMaxDepth;
  last_significant_ = '\0';
  last_ = '\0';
  mode_ = Mode::resync;
}

bool JsonSplitter::process_resync(Sink& sink) {
  const std::string_view bytes = rest();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const char c = bytes[i];
    const bool behind_value = last_significant_ == ',' || last_significant_ == '[' || last_significant_ == '}';
    if (c == '{' && ((behind_value && !lines_only_) || last_ == '\n')) {
      extend_bad(i);
      report_bad(sink);
      return true;
    }
    if (!is_space(c)) last_significant_ = c;
    last_ = c;
  }
  extend_bad(bytes.size());
  return false;
}

// Where a line is cut short behind a ':' or ',', the object on the next line looks like its value. Whole objects on
// lines of their own inside something broken are therefore taken as what they look like.
void JsonSplitter::salvage_lines(std::string_view region, Sink& sink) {
  Place place = place_;
  std::size_t begin = 0;
  while (true) {
    const std::size_t newline = region.find("\n{", begin);
    if (newline == std::string_view::npos) return;
    const std::string_view before = region.substr(begin, newline + 1 - begin);
    place.line += count_lines(before);
    place.offset += before.size();
    begin = newline + 1;
    const std::size_t end = std::min(region.find('\n', begin), region.size());
    const std::string_view line = region.substr(begin, end - begin);
    JsonScanner scanner;
    scanner.start("");
    std::size_t size = 0;
    if (scanner.scan(line, size) != JsonScanner::Status::complete) continue;
    const std::string_view behind = line.substr(size);
    if (std::ranges::all_of(behind, [](char c) { return is_space(c) || c == ','; })) {
      if (!sink.on_object(line.substr(0, size), place)) sink.on_bad_object(line.substr(0, size), place);
    }
  }
}

void JsonSplitter::begin_bad(std::string_view expected, std::size_t at) {
  bad_ = {fmt::format("{} at byte {}", expected, place_.offset + at), {}, 0, place_};
  for (List& list : lists_) list.doubtful = true;
}

void JsonSplitter::extend_bad(std::size_t size) {
  bad_.bytes.append(rest().substr(0, std::min(size, kMaxRejectedBytes - bad_.bytes.size())));
  bad_.size_bytes += size;
  consume(size);
}

void JsonSplitter::report_bad(Sink& sink) {
  after_bad_ = true;
  sink.on_bad(std::move(bad_.error), bad_.bytes, bad_.size_bytes, bad_.place);
  bad_ = {};
  mode_ = Mode::between;
}

void JsonSplitter::finish(Sink& sink) {
  switch (mode_) {
    case Mode::between:
      if (!rest().empty()) {  // the start of a byte order mark
        begin_bad("expected a JSON object", 0);
        extend_bad(rest().size());
        report_bad(sink);
      }
      break;
    case Mode::value:
      begin_bad(is_owner_ ? "expected the end of the object around the list, but the input ends"
                          : "expected the end of the value, but the input ends",
                rest().size());
      salvage_lines(rest(), sink);
      extend_bad(rest().size());
      report_bad(sink);
      break;
    case Mode::skip:
    case Mode::too_long:
    case Mode::resync:
      extend_bad(rest().size());
      report_bad(sink);
      break;
  }
  for (const List& list : lists_) {
    if (list.doubtful) continue;
    sink.on_bad(fmt::format("expected ']' at the end of the list that starts here, but the input ends at byte {}",
                            place_.offset),
                {}, 0, list.place);
  }
  lists_.clear();
}

}  // namespace sightline::sources
