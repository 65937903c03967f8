#include "sources/journald/journald_decoder.h"

#include <fmt/format.h>

#include <algorithm>

#include "event/utf8.h"
#include "sources/journald/export_entry.h"
#include "sources/journald/export_scanner.h"
#include "sources/journald/json_entry.h"
#include "sources/json/context_fields.h"
#include "sources/json/json_reader.h"
#include "sources/ndjson/line_splitter.h"

namespace sightline::journald {
namespace {

constexpr char kRecordSeparator = '\x1e';  // before each object of json-seq

class JournaldDecoder final : public sources::Decoder {
 public:
  explicit JournaldDecoder(const sources::DecodeContext& context) : context_(context) {}

  void write(std::string_view chunk, sources::Decoded& out) override {
    context_.start_batch(out.events.arena());
    if (mode_ == Mode::unknown) {
      const std::size_t begin = chunk.find_first_not_of(" \t\r\n");
      std::string_view blank = chunk.substr(0, begin);
      line_ += static_cast<std::uint64_t>(std::ranges::count(blank, '\n'));
      if (begin == std::string_view::npos) return;
      chunk.remove_prefix(begin);
      mode_ = chunk.front() == '{' || chunk.front() == kRecordSeparator ? Mode::json : Mode::exported;
      first_line_ = line_;
    }
    if (mode_ == Mode::json) {
      lines_.write(chunk, [&](const ndjson::LineSplitter::Line& line) { read_json(line, out); });
    } else {
      write_exported(chunk, out);
    }
  }

  void finish(sources::Decoded& out) override {
    context_.start_batch(out.events.arena());
    if (mode_ == Mode::json) lines_.finish([&](const ndjson::LineSplitter::Line& line) { read_json(line, out); });
    if (mode_ == Mode::exported && held_size_ > 0) read_exported(held_, true, out);
    release();
  }

 private:
  enum class Mode : std::uint8_t { unknown, json, exported };

  void write_exported(std::string_view chunk, sources::Decoded& out) {
    while (!chunk.empty()) {
      bool ended = false;
      const std::size_t size = scanner_.scan(chunk, ended);
      const std::string_view part = chunk.substr(0, size);
      chunk.remove_prefix(size);
      hold(part);
      lines_in_entry_ += static_cast<std::uint64_t>(std::ranges::count(part, '\n'));
      if (!ended) return;
      if (held_size_ <= sources::kMaxLineBytes) held_.pop_back();  // the empty line
      if (--held_size_ > 0) read_exported(held_, false, out);
      line_ += lines_in_entry_;
      release();
    }
  }

  void hold(std::string_view part) {
    held_.append(part.substr(0, std::min(part.size(), sources::kMaxLineBytes + 1 - held_.size())));
    held_size_ += part.size();
  }

  void release() {
    if (held_.capacity() > sources::kMaxLineBytes / 4) std::string().swap(held_);
    held_.clear();
    held_size_ = 0;
    lines_in_entry_ = 0;
  }

  void read_exported(std::string_view bytes, bool cut_short, sources::Decoded& out) {
    if (held_size_ > sources::kMaxLineBytes) {
      return sources::reject(out, line_, fmt::format("expected at most {} bytes in an entry", sources::kMaxLineBytes),
                             bytes, held_size_);
    }
    Arena& arena = out.events.arena();
    const std::string_view original = arena.copy(bytes);
    entry_.clear();
    const auto parsed = parse_export_entry(original, entry_);
    if (!parsed && (!cut_short || entry_.empty())) {
      return sources::reject(
          out, line_,
          fmt::format("byte {} of the entry: expected {}", parsed.error().offset + 1, parsed.error().expected), bytes);
    }
    add_event(original, out);
    if (cut_short) out.events.events().back().add_boolean(FieldId::partial, true);
  }

  void read_json(const ndjson::LineSplitter::Line& line, sources::Decoded& out) {
    const std::uint64_t number = first_line_ + line.number - 1;
    if (line.size_bytes > sources::kMaxLineBytes) {
      return sources::reject(out, number, fmt::format("expected at most {} bytes in a line", sources::kMaxLineBytes),
                             line.bytes, line.size_bytes);
    }
    std::string_view bytes = line.bytes;
    if (bytes.starts_with(kRecordSeparator)) bytes.remove_prefix(1);
    if (sources::is_blank(bytes)) return;
    Arena& arena = out.events.arena();
    std::string valid;
    const bool is_utf8 = is_valid_utf8(bytes);
    if (!is_utf8) append_valid_utf8(valid, bytes);
    entry_.clear();
    omitted_.clear();
    if (const auto error = json_.read(is_utf8 ? bytes : valid, arena, entry_, omitted_)) {
      return sources::reject(out, number, *error, bytes);
    }
    add_event(arena.copy(bytes), out);
    Event& event = out.events.events().back();
    if (!is_utf8) sources::add_malformed(event, "original");
    for (const std::string_view name : omitted_) sources::add_malformed(event, name);
  }

  void add_event(std::string_view original, sources::Decoded& out) {
    Event& event = out.events.add();
    event.original = original;
    map_entry(entry_, event, out.events.arena());
    context_.add(event);
  }

  Mode mode_ = Mode::unknown;
  std::uint64_t line_ = 1;        // where the entry begins
  std::uint64_t first_line_ = 1;  // of the JSON
  sources::ContextFields context_;
  ndjson::LineSplitter lines_;
  JsonEntryReader json_;
  ExportScanner scanner_;
  std::string held_;  // of an entry whose end has not come, up to kMaxLineBytes + 1 bytes
  std::uint64_t held_size_ = 0;
  std::uint64_t lines_in_entry_ = 0;
  Entry entry_;
  std::vector<std::string_view> omitted_;
};

}  // namespace

std::unique_ptr<sources::Decoder> make_journald_decoder(const sources::DecodeContext& context) {
  return std::make_unique<JournaldDecoder>(context);
}

}  // namespace sightline::journald
