#include "sources/formats/detect.h"

#include <algorithm>

#include "sources/audit/record.h"
#include "sources/syslog/message.h"

namespace sightline::sources {
namespace {

constexpr std::size_t kLookedAtBytes = std::size_t{64} * 1024;
constexpr std::string_view kBlank = " \t\r\n";

std::string_view skip_blank(std::string_view text) {
  return text.substr(std::min(text.find_first_not_of(kBlank), text.size()));
}

Format json_format(std::string_view text) {
  // {"ID":"1626611363.720:348501", …: nobody else begins so.
  if (std::string_view rest = text; rest.starts_with("{\"ID\":\"")) {
    rest.remove_prefix(7);
    const std::string_view id = rest.substr(0, rest.find('"'));
    if (!id.empty() && id.contains(':') && id.find_first_not_of("0123456789.:") == std::string_view::npos) {
      return Format::laurel;
    }
  }
  if (text.contains("\"__REALTIME_TIMESTAMP\"") || text.contains("\"__CURSOR\"")) return Format::journald;
  if (text.contains("audit.k8s.io/") || text.contains("\"auditID\"")) return Format::kubernetes;
  if (text.contains("\"Records\"") || text.contains("\"eventSource\"") || text.contains("\"eventName\"")) {
    return Format::cloudtrail;
  }
  if (text.contains("\"EventID\"") || text.contains("\"winlog\"") || text.contains("\"winlog.event_id\"")) {
    return Format::winevent;
  }
  return Format::ndjson;
}

bool is_counted_syslog(std::string_view line) {
  const std::size_t digits = std::min(line.find_first_not_of("0123456789"), line.size());
  return digits > 0 && line.substr(digits).starts_with(" <");
}

}  // namespace

std::optional<Format> detect_format(std::string_view beginning) {
  if (beginning.starts_with("\xEF\xBB\xBF")) beginning.remove_prefix(3);
  const std::string_view text = skip_blank(beginning.substr(0, kLookedAtBytes));
  if (text.empty()) return std::nullopt;
  if (text.front() == '\x1e') return Format::journald;
  if (text.front() == '{' || text.front() == '[') return json_format(text);
  std::string_view line = text.substr(0, text.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.starts_with("__CURSOR=") || line.starts_with("__REALTIME_TIMESTAMP=")) return Format::journald;
  if (line == "----" || line.starts_with("time->")) return Format::auditd;
  const bool own_line = line.starts_with("type=") || line.starts_with("node=");
  if (own_line && audit::parse_head(line)) return Format::auditd;
  if (is_counted_syslog(line)) return Format::syslog;
  const auto message = syslog::parse_message(line, 1);
  if (!message) return audit::parse_head(line) ? std::optional(Format::auditd) : std::nullopt;
  // What a dispatcher of the audit daemon sends through syslog; the kernel's own lines are one of many there.
  const bool forwarded = message->text.starts_with("type=") || message->text.starts_with("node=");
  return forwarded && audit::parse_head(line) ? Format::auditd : Format::syslog;
}

}  // namespace sightline::sources
