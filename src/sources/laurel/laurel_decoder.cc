#include "sources/laurel/laurel_decoder.h"

#include <fmt/format.h>

#include "event/utf8.h"
#include "sources/audit/event_mapper.h"
#include "sources/json/json_reader.h"
#include "sources/laurel/event_reader.h"
#include "sources/ndjson/line_splitter.h"

namespace sightline::laurel {
namespace {

using Kind = Attribute::Kind;

void add_where_absent(Event& event, FieldId field, std::string_view value) {
  if (!value.empty() && event.find(field) == nullptr) event.add_text(field, value);
}

class LaurelDecoder final : public sources::Decoder {
 public:
  explicit LaurelDecoder(const sources::DecodeContext& context) : mapper_(context) {}

  void write(std::string_view chunk, sources::Decoded& out) override {
    lines_.write(chunk, [&](const ndjson::LineSplitter::Line& line) { read(line, out); });
  }

  void finish(sources::Decoded& out) override {
    lines_.finish([&](const ndjson::LineSplitter::Line& line) { read(line, out); });
  }

 private:
  void read(const ndjson::LineSplitter::Line& line, sources::Decoded& out) {
    if (line.size_bytes > sources::kMaxLineBytes) {
      return refuse(line, fmt::format("expected at most {} bytes in a line", sources::kMaxLineBytes), out);
    }
    if (sources::is_blank(line.bytes)) return;
    std::string valid;
    const bool is_utf8 = is_valid_utf8(line.bytes);
    if (!is_utf8) append_valid_utf8(valid, line.bytes);
    Arena& arena = out.events.arena();
    const auto read = reader_.read(is_utf8 ? line.bytes : valid, arena);
    if (!read) return refuse(line, read.error(), out);
    const LaurelEvent& laurel = **read;
    Event& event = mapper_.map(laurel.head, laurel.records, arena.copy(line.bytes), out.events);
    add_where_absent(event, FieldId::parent_exe, laurel.parent_exe);
    add_where_absent(event, FieldId::container_id, laurel.container_id);
    add_where_absent(event, FieldId::arguments, laurel.arguments);
    bool cut = laurel.cut;
    for (const Addition& addition : laurel.additions) {
      if (event.attributes().size() >= sources::kMaxAttributes) cut = true;
      if (!cut) event.add_attribute(addition.path, addition.number ? Kind::number : Kind::text, addition.value);
    }
    if (!is_utf8) sources::add_malformed(event, "original");
    if (cut) sources::add_malformed(event, "attributes");
  }

  static void refuse(const ndjson::LineSplitter::Line& line, std::string error, sources::Decoded& out) {
    sources::reject(out, line.number, std::move(error), line.bytes, line.size_bytes);
  }

  ndjson::LineSplitter lines_;
  EventReader reader_;
  audit::EventMapper mapper_;
};

}  // namespace

std::unique_ptr<sources::Decoder> make_laurel_decoder(const sources::DecodeContext& context) {
  return std::make_unique<LaurelDecoder>(context);
}

}  // namespace sightline::laurel
