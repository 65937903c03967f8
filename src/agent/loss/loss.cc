#include "agent/loss/loss.h"

#include <fmt/format.h>

#include <utility>

#include "base/json_text.h"
#include "event/time.h"

namespace sightline::agent {
namespace {

struct ReasonText {
  std::string_view name;
  std::string_view unit;
  std::string_view sentence;  // "audit: …"
};

const ReasonText& text_of(LossReason reason) {
  static constexpr ReasonText kTexts[] = {
      {"kernel_lost", "records", "the kernel dropped audit records"},
      {"socket_overrun", "times", "the kernel's queue for the agent overflowed"},
      {"serial_gap", "events", "audit events never arrived"},
      {"unreadable", "records", "what arrived could not be read"},
      {"over_budget", "events", "more came than the agent's budget allows"},
      {"file_gone", "times", "a file was replaced or cut before all of it was read"},
      {"spool_full", "events", "the spool was full"},
      {"spool_failed", "events", "the spool's disk did not take batches"},
      {"spool_damaged", "batches", "batches in the spool were damaged"},
      {"refused", "events", "the server refused batches for good"},
      {"rules_gone", "events", "audit rules were not in force"},
      {"not_running", "events", "the agent was not running"},
  };
  return kTexts[std::to_underlying(reason)];
}

}  // namespace

std::string_view to_string(LossReason reason) { return text_of(reason).name; }

std::string_view unit_of(LossReason reason) { return text_of(reason).unit; }

std::string sentence(const Loss& loss) {
  const std::string count = loss.count ? std::to_string(*loss.count) : std::string("an unknown number of");
  std::string text =
      fmt::format("{}: {} ({} {})", loss.source, text_of(loss.reason).sentence, count, unit_of(loss.reason));
  if (!loss.detail.empty()) text += ": " + loss.detail;
  return text;
}

std::string event_line(const Loss& loss) {
  std::string line = fmt::format(R"({{"event_time":{},"event_type":"host","type":"loss","log":)", loss.to_ms);
  append_json_string(line, sentence(loss));
  line += R"(,"loss":{"source":)";
  append_json_string(line, loss.source);
  line += fmt::format(R"(,"reason":"{}")", to_string(loss.reason));
  if (loss.count) line += fmt::format(R"(,"count":{})", *loss.count);
  line += fmt::format(R"(,"unit":"{}","from":{},"to":{}}}}})", unit_of(loss.reason), loss.from_ms, loss.to_ms);
  line += '\n';
  return line;
}

}  // namespace sightline::agent
