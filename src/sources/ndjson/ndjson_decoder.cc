#include "sources/ndjson/ndjson_decoder.h"

#include <fmt/format.h>

#include "sources/json/context_fields.h"
#include "sources/json/json_reader.h"
#include "sources/ndjson/line_splitter.h"

namespace sightline::ndjson {
namespace {

using sources::PathRule;
using sources::PathRules;

void add_time_rule(PathRules& rules, std::string_view path, std::uint8_t rank) {
  rules[std::string(path)] = PathRule{.kind = PathRule::Kind::time, .time_rank = rank, .renamed = {}};
}

// Fields by name, and by those of their other names that stand for one field only.
PathRules ndjson_rules() {
  PathRules rules = sources::schema_rules();
  for (const AliasInfo& alias : all_aliases()) {
    if (alias.targets.size() != 1) continue;
    const FieldId target = alias.targets.front();
    if (target == FieldId::event_time) {
      add_time_rule(rules, alias.name, 3);
    } else {
      rules[std::string(alias.name)] = PathRule{.kind = PathRule::Kind::field, .field = target, .renamed = {}};
    }
  }
  add_time_rule(rules, "event_time", 0);
  rules["event_time"].renamed = "original_event_time";
  add_time_rule(rules, "@timestamp", 1);
  add_time_rule(rules, "timestamp", 2);
  return rules;
}

class NdjsonDecoder final : public sources::Decoder {
 public:
  explicit NdjsonDecoder(const sources::DecodeContext& context) : reader_(ndjson_rules()), context_(context) {}

  void write(std::string_view chunk, sources::Decoded& out) override {
    start(out);
    lines_.write(chunk, [&](const LineSplitter::Line& line) { read_line(line, out); });
  }

  void finish(sources::Decoded& out) override {
    start(out);
    lines_.finish([&](const LineSplitter::Line& line) { read_line(line, out); });
  }

 private:
  void start(sources::Decoded& out) {
    reader_.start_batch();
    context_.start_batch(out.events.arena());
  }

  void read_line(const LineSplitter::Line& line, sources::Decoded& out) {
    if (line.size_bytes > sources::kMaxLineBytes) {
      return reject(out, line.number, fmt::format("expected at most {} bytes in a line", sources::kMaxLineBytes),
                    line.bytes, line.size_bytes);
    }
    std::string_view bytes = line.bytes;
    if (line.number == 1 && bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);  // a byte order mark
    if (sources::is_blank(bytes)) return;
    const auto event = reader_.read(bytes, out.events);
    if (!event) {
      reject(out, line.number, fmt::format("{} at column {}", event.error().message, event.error().offset + 1), bytes);
      return;
    }
    if ((*event)->find(FieldId::event_type) == nullptr) (*event)->add_text(FieldId::event_type, "host");
    context_.add(**event);
  }

  LineSplitter lines_;
  sources::JsonReader reader_;
  sources::ContextFields context_;
};

}  // namespace

std::unique_ptr<sources::Decoder> make_ndjson_decoder(const sources::DecodeContext& context) {
  return std::make_unique<NdjsonDecoder>(context);
}

}  // namespace sightline::ndjson
