// The formats of telemetry we read, by name.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "sources/decoder.h"

namespace sightline::sources {

enum class Format : std::uint8_t { auditd, cloudtrail, journald, kubernetes, laurel, ndjson, syslog, winevent };

std::span<const Format> all_formats();

// The name in `sightline decode --format NAME`, `/v1/ingest/NAME` and batch manifests. nullopt: no such format.
std::optional<Format> parse_format(std::string_view name);
std::string_view to_string(Format format);

// A fresh decoder for one stream. `context` is copied.
std::unique_ptr<Decoder> make_decoder(Format format, const DecodeContext& context);

}  // namespace sightline::sources
