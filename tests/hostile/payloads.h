// The bytes that hostile requests are made of.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sightline::hostile {

std::string repeated(std::string_view part, std::size_t count);

std::string gzip(std::string_view bytes);
std::string zstd(std::string_view bytes);
// `part` so many times, packed without ever being in memory whole.
std::string gzip_bomb(std::string_view part, std::size_t count);
std::string zstd_bomb(std::string_view part, std::size_t count);
// A zstd frame that asks its reader for a window of 2 GiB.
std::string zstd_with_huge_window();

// Bytes without a pattern, the same for the same seed; never a line feed.
std::string noise(std::size_t size_bytes, unsigned seed);
// The same of small letters alone.
std::string letters(std::size_t size_bytes);

// One JSON object with so many different keys.
std::string many_keys(std::size_t count);
// So many JSON lines, each with keys of its own.
std::string many_shapes(std::size_t count);
// Opened so many times and never closed.
std::string deep(std::string_view open, std::size_t depth);
std::string deep_and_closed(std::string_view open, std::string_view close, std::size_t depth);

// A whole POST with Content-Length; `headers` are whole lines.
std::string post(std::string_view path, std::string_view body, std::string_view headers = "",
                 std::string_view token = "$ingest");
// One line of NDJSON, {"event_type":"hostile",…MEMBERS}, to /v1/events.
std::string event(std::string_view members);
// With the token $admin.
std::string search(std::string_view json);
std::string get(std::string_view target);

}  // namespace sightline::hostile
