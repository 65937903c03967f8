#include "sources/formats/formats.h"

#include <algorithm>
#include <array>
#include <utility>

#include "sources/audit/audit_decoder.h"
#include "sources/cloudtrail/cloudtrail_decoder.h"
#include "sources/journald/journald_decoder.h"
#include "sources/kubernetes/kubernetes_decoder.h"
#include "sources/laurel/laurel_decoder.h"
#include "sources/ndjson/ndjson_decoder.h"
#include "sources/syslog/syslog_decoder.h"
#include "sources/windows/windows_decoder.h"

namespace sightline::sources {
namespace {

constexpr std::array kFormats = {Format::auditd, Format::cloudtrail, Format::journald, Format::kubernetes,
                                 Format::laurel, Format::ndjson,     Format::syslog,   Format::winevent};

}  // namespace

std::span<const Format> all_formats() { return kFormats; }

std::optional<Format> parse_format(std::string_view name) {
  const auto* const found = std::ranges::find(kFormats, name, [](Format format) { return to_string(format); });
  return found == kFormats.end() ? std::nullopt : std::optional(*found);
}

std::string_view to_string(Format format) {
  switch (format) {
    case Format::auditd:
      return "auditd";
    case Format::cloudtrail:
      return "cloudtrail";
    case Format::journald:
      return "journald";
    case Format::kubernetes:
      return "kubernetes";
    case Format::laurel:
      return "laurel";
    case Format::ndjson:
      return "ndjson";
    case Format::syslog:
      return "syslog";
    case Format::winevent:
      return "winevent";
  }
  std::unreachable();
}

std::unique_ptr<Decoder> make_decoder(Format format, const DecodeContext& context) {
  switch (format) {
    case Format::auditd:
      return audit::make_audit_decoder(context);
    case Format::cloudtrail:
      return cloudtrail::make_cloudtrail_decoder(context);
    case Format::journald:
      return journald::make_journald_decoder(context);
    case Format::kubernetes:
      return kubernetes::make_kubernetes_decoder(context);
    case Format::laurel:
      return laurel::make_laurel_decoder(context);
    case Format::ndjson:
      return ndjson::make_ndjson_decoder(context);
    case Format::syslog:
      return syslog::make_syslog_decoder(context);
    case Format::winevent:
      return windows::make_windows_decoder(context);
  }
  std::unreachable();
}

}  // namespace sightline::sources
