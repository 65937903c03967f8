#include "sources/syslog/syslog_decoder.h"

#include <fmt/format.h>

#include "sources/json/context_fields.h"
#include "sources/json/path_table.h"
#include "sources/logins/login_message.h"
#include "sources/logins/text.h"
#include "sources/syslog/framer.h"
#include "sources/syslog/message.h"
#include "sources/syslog/structured_data.h"

namespace sightline::syslog {
namespace {

using Kind = Attribute::Kind;

// Senders that count end messages with a line feed or a NUL all the same.
std::string_view without_end(std::string_view message) {
  constexpr std::string_view kEnds("\r\n\0", 3);
  const std::size_t last = message.find_last_not_of(kEnds);
  return message.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

void add_text(Event& event, FieldId field, std::string_view value) {
  if (!value.empty()) event.add_text(field, value);
}

void add_time(Event& event, const Message& message) {
  event.event_time_ms = message.time_ms.value_or(0);
  if (message.time_ms) {
    if (message.year_assumed) event.add_attribute("time_assumed", Kind::text, "year");
    if (message.zone_assumed) event.add_attribute("time_assumed", Kind::text, "zone");
  } else if (message.year_assumed) {
    event.add_text(FieldId::malformed, "event_time");
  }
}

void add_process(Event& event, std::string_view process) {
  if (process.empty()) return;
  if (const auto pid = logins::parse_number(process)) {
    event.add_integer(FieldId::pid, *pid);
  } else {
    event.add_attribute("procid", Kind::text, process);
  }
}

void add_structured_data(Event& event, const Message& message, Arena& arena) {
  bool cut = message.structured_data_cut;
  std::string path;
  for (const Parameter& parameter : message.structured_data) {
    path = fmt::format("structured_data.{}", parameter.id);
    if (!parameter.name.empty()) path += fmt::format(".{}", parameter.name);
    if (path.size() > sources::PathTable::kMaxPathBytes || event.attributes().size() >= sources::kMaxAttributes) {
      cut = true;
    } else {
      event.add_attribute(arena.copy(path), Kind::text, unescape(parameter.value, arena));
    }
  }
  if (cut) event.add_text(FieldId::malformed, "attributes");
}

class SyslogDecoder final : public sources::Decoder {
 public:
  explicit SyslogDecoder(const sources::DecodeContext& context)
      : reference_time_ms_(context.reference_time_ms), context_(context) {}

  void write(std::string_view chunk, sources::Decoded& out) override {
    context_.start_batch(out.events.arena());
    framer_.write(chunk, [&](const Framer::Frame& frame) { read(frame, out); });
  }

  void finish(sources::Decoded& out) override {
    context_.start_batch(out.events.arena());
    framer_.finish([&](const Framer::Frame& frame) { read(frame, out); });
  }

 private:
  void read(const Framer::Frame& frame, sources::Decoded& out) {
    if (frame.bad_length)
      return refuse(frame, "column 1: expected the length of a message in digits, and a blank", out);
    if (frame.size_bytes > sources::kMaxLineBytes) {
      return refuse(frame, fmt::format("expected at most {} bytes in a message", sources::kMaxLineBytes), out);
    }
    std::string_view line = frame.bytes;
    if (frame.number == 1 && line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);  // a byte order mark
    if (sources::is_blank(line)) return;
    Arena& arena = out.events.arena();
    const std::string_view original = arena.copy(line);
    const auto message = parse_message(without_end(original), reference_time_ms_);
    if (!message) {
      return refuse(frame, fmt::format("column {}: expected {}", message.error().column, message.error().expected),
                    out);
    }
    Event& event = out.events.add();
    event.original = original;
    add_message(event, *message, arena);
    if (frame.cut_short) event.add_boolean(FieldId::partial, true);
    context_.add(event);
  }

  static void add_message(Event& event, const Message& message, Arena& arena) {
    add_time(event, message);
    logins::add_to(event, logins::read_login_message(message.program, message.text), arena);
    add_text(event, FieldId::hostname, message.hostname);
    add_text(event, FieldId::program, message.program);
    add_process(event, message.process);
    if (message.facility) add_text(event, FieldId::facility, facility_name(*message.facility));
    if (message.severity) add_text(event, FieldId::level, severity_name(*message.severity));
    add_text(event, FieldId::log, message.text);
    if (!message.message_id.empty()) event.add_attribute("msgid", Kind::text, message.message_id);
    add_structured_data(event, message, arena);
  }

  static void refuse(const Framer::Frame& frame, std::string error, sources::Decoded& out) {
    sources::reject(out, frame.number, std::move(error), frame.bytes, frame.size_bytes);
  }

  std::int64_t reference_time_ms_;
  Framer framer_;
  sources::ContextFields context_;
};

}  // namespace

std::unique_ptr<sources::Decoder> make_syslog_decoder(const sources::DecodeContext& context) {
  return std::make_unique<SyslogDecoder>(context);
}

}  // namespace sightline::syslog
