#include "sources/json/json_event_decoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sources/json/context_fields.h"
#include "sources/json/json_reader.h"
#include "sources/json/json_splitter.h"

namespace sightline::sources {
namespace {

class JsonEventDecoder final : public Decoder, private JsonSplitter::Sink {
 public:
  JsonEventDecoder(JsonSource source, const DecodeContext& context)
      : source_(std::move(source)),
        splitter_(source_.list_key),
        reader_(std::exchange(source_.rules, {}), source_.namer),
        context_(context, ContextFields::Describes::others) {}

  void write(std::string_view chunk, Decoded& out) override {
    start(out);
    splitter_.write(chunk, *this);
    out_ = nullptr;
  }

  void finish(Decoded& out) override {
    start(out);
    splitter_.finish(*this);
    out_ = nullptr;
  }

 private:
  void start(Decoded& out) {
    out_ = &out;
    reader_.start_batch();
    context_.start_batch(out.events.arena());
  }

  bool on_object(std::string_view bytes, JsonSplitter::Place place) override {
    const auto event = reader_.read(bytes, out_->events);
    if (!event) {
      error_ = event.error();
      return false;
    }
    if (!source_.is_event(**event) && !take_embedded()) {
      out_->events.events().pop_back();
      reject(*out_, place.line, fmt::format("expected {} at byte {}", source_.expected, place.offset), bytes);
      return true;
    }
    source_.add_derived_fields(out_->events.events().back(), out_->events.arena());
    context_.add(out_->events.events().back());
    return true;
  }

  // Makes one event of the last one and the event that stands in it as text; false, and no effect, where none does.
  bool take_embedded() {
    std::vector<Event>& events = out_->events.events();
    const auto& attributes = events.back().attributes();
    const auto found = std::ranges::find(attributes, source_.embedded_path, &Attribute::path);
    if (source_.embedded_path.empty() || found == attributes.end()) return false;
    if (!reader_.read(found->text, out_->events)) return false;
    if (!source_.is_event(events.back())) {
      events.pop_back();
      return false;
    }
    Event inner = std::move(events.back());
    events.pop_back();
    add_envelope(inner, events.back());
    events.back() = std::move(inner);
    return true;
  }

  static void add_envelope(Event& event, const Event& envelope) {
    event.original = envelope.original;
    if (event.event_time_ms == 0) event.event_time_ms = envelope.event_time_ms;
    for (const FieldValue& value : envelope.fields()) event.fields().push_back(value);
    for (const Attribute& attribute : envelope.attributes()) {
      if (event.fields().size() + event.attributes().size() >= kMaxAttributes) {
        add_malformed(event, "attributes");
        return;
      }
      event.attributes().push_back(attribute);
    }
  }

  void on_bad_object(std::string_view bytes, JsonSplitter::Place place) override {
    reject(*out_, place.line, fmt::format("{} at byte {}", error_.message, place.offset + error_.offset), bytes);
  }

  void on_bad(std::string error, std::string_view bytes, std::uint64_t size_bytes, JsonSplitter::Place place) override {
    const std::size_t kept = out_->rejected.size();
    reject(*out_, place.line, std::move(error), bytes);
    if (out_->rejected.size() > kept) out_->rejected.back().size_bytes = size_bytes;
  }

  JsonSource source_;
  JsonSplitter splitter_;
  JsonReader reader_;
  ContextFields context_;
  JsonError error_;         // of the last object
  Decoded* out_ = nullptr;  // during a call
};

}  // namespace

std::unique_ptr<Decoder> make_json_event_decoder(JsonSource source, const DecodeContext& context) {
  return std::make_unique<JsonEventDecoder>(std::move(source), context);
}

}  // namespace sightline::sources
