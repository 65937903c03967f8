#include "sources/cloudtrail/cloudtrail_decoder.h"

#include <fmt/format.h>

#include "sources/cloudtrail/cloudtrail_fields.h"
#include "sources/json/context_fields.h"
#include "sources/json/json_reader.h"
#include "sources/json/json_splitter.h"

namespace sightline::cloudtrail {
namespace {

using sources::JsonSplitter;
using sources::PathRule;
using sources::PathRules;

std::string lower_case(std::string_view name) {
  std::string lower(name);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}

// Tables of CloudTrail in SQL engines have column names in lower case, and so has what is exported from them.
void add_lower_case_names(PathRules& rules) {
  for (const FieldInfo& field : all_fields()) {
    if (field.group == FieldGroup::cloudtrail) rules.emplace(lower_case(field.name), rules.at(std::string(field.name)));
  }
  rules.emplace("eventtime", rules.at("eventTime"));
}

// What we derive may not come from the JSON: an event that calls itself a login is none.
PathRules cloudtrail_rules() {
  PathRules rules = sources::schema_rules();
  rules["eventTime"] = PathRule{.kind = PathRule::Kind::time, .renamed = {}};
  for (const char* path : {"event_type", "type", "success", "cloud_provider", "account_id", "src_ip", "arnRole",
                           "roleSessionName", "instance_id", "target_user", "malformed", "partial"}) {
    sources::reserve_path(rules, path);
  }
  add_lower_case_names(rules);
  return rules;
}

class CloudtrailDecoder final : public sources::Decoder, private JsonSplitter::Sink {
 public:
  explicit CloudtrailDecoder(const sources::DecodeContext& context)
      : splitter_("Records"), reader_(cloudtrail_rules()), context_(context) {}

  void write(std::string_view chunk, sources::Decoded& out) override {
    start(out);
    splitter_.write(chunk, *this);
    out_ = nullptr;
  }

  void finish(sources::Decoded& out) override {
    start(out);
    splitter_.finish(*this);
    out_ = nullptr;
  }

 private:
  void start(sources::Decoded& out) {
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
    if (!is_cloudtrail_event(**event)) {
      out_->events.events().pop_back();
      reject(*out_, place.line,
             fmt::format("expected a CloudTrail event with eventName or eventSource at byte {}", place.offset), bytes);
      return true;
    }
    if ((*event)->event_time_ms == 0) sources::add_malformed(**event, "eventTime");
    add_derived_fields(**event);
    context_.add(**event);
    return true;
  }

  void on_bad_object(std::string_view bytes, JsonSplitter::Place place) override {
    reject(*out_, place.line, fmt::format("{} at byte {}", error_.message, place.offset + error_.offset), bytes);
  }

  void on_bad(std::string error, std::string_view bytes, std::uint64_t size_bytes, JsonSplitter::Place place) override {
    const std::size_t kept = out_->rejected.size();
    reject(*out_, place.line, std::move(error), bytes);
    if (out_->rejected.size() > kept) out_->rejected.back().size_bytes = size_bytes;
  }

  JsonSplitter splitter_;
  sources::JsonReader reader_;
  sources::ContextFields context_;
  sources::JsonError error_;         // of the last object
  sources::Decoded* out_ = nullptr;  // during a call
};

}  // namespace

std::unique_ptr<sources::Decoder> make_cloudtrail_decoder(const sources::DecodeContext& context) {
  return std::make_unique<CloudtrailDecoder>(context);
}

}  // namespace sightline::cloudtrail
