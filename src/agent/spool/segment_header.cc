#include "agent/spool/segment_header.h"

#include <fmt/format.h>

#include <algorithm>

#include "agent/spool/batch.h"
#include "agent/spool/little_endian.h"

namespace sightline::agent {

namespace {

constexpr std::string_view kMagic = "SLSPOOL\n";
constexpr std::size_t kMaxCursorsBytes = kMaxSources * (3 + kMaxSourceBytes + kMaxCursorBytes);

}  // namespace

std::string to_bytes(SegmentHeader header, const Cursors& cursors) {
  std::string tail;
  for (const auto& [source, cursor] : cursors) {
    put(tail, static_cast<std::uint8_t>(source.size()));
    put(tail, static_cast<std::uint16_t>(cursor.size()));
    tail += source;
    tail += cursor;
  }
  std::string bytes(kMagic);
  put(bytes, kSegmentVersion);
  put(bytes, static_cast<std::uint32_t>(tail.size()));
  bytes.append(header.key.begin(), header.key.end());
  put(bytes, header.epoch);
  put(bytes, header.number);
  put(bytes, header.first_sequence);
  put(bytes, keyed_check(header.key, tail));
  put(bytes, keyed_check(header.key, bytes));
  return bytes + tail;
}

Result<SegmentHeader> parse_segment_header(std::string_view bytes) {
  if (bytes.size() < kSegmentHeaderBytes || !bytes.starts_with(kMagic)) return fail(ErrorCode::corrupt, "no header");
  const std::string_view checked = bytes.substr(0, kSegmentHeaderBytes - sizeof(std::uint64_t));
  std::string_view rest = bytes.substr(kMagic.size());
  SegmentHeader header;
  const auto version = take<std::uint32_t>(rest);
  header.cursors_size = take<std::uint32_t>(rest);
  std::copy_n(rest.begin(), header.key.size(), header.key.begin());
  rest.remove_prefix(header.key.size());
  header.epoch = take<std::uint64_t>(rest);
  header.number = take<std::uint64_t>(rest);
  header.first_sequence = take<std::uint64_t>(rest);
  header.cursors_check = take<std::uint64_t>(rest);
  if (take<std::uint64_t>(rest) != keyed_check(header.key, checked)) return fail(ErrorCode::corrupt, "damaged header");
  if (version != kSegmentVersion) {
    return fail(ErrorCode::conflict, fmt::format("the spool was written by another version (format {})", version));
  }
  if (header.cursors_size > kMaxCursorsBytes) return fail(ErrorCode::corrupt, "damaged header");
  return header;
}

Result<Cursors> parse_cursors(const SegmentHeader& header, std::string_view bytes) {
  const auto damaged = [] { return fail(ErrorCode::corrupt, "damaged cursors"); };
  if (bytes.size() != header.cursors_size || keyed_check(header.key, bytes) != header.cursors_check) return damaged();
  Cursors cursors;
  while (!bytes.empty()) {
    if (bytes.size() < 3) return damaged();
    const auto source_size = take<std::uint8_t>(bytes);
    const auto cursor_size = take<std::uint16_t>(bytes);
    if (bytes.size() < std::size_t{source_size} + cursor_size) return damaged();
    cursors.insert_or_assign(std::string(bytes.substr(0, source_size)),
                             std::string(bytes.substr(source_size, cursor_size)));
    bytes.remove_prefix(std::size_t{source_size} + cursor_size);
  }
  return cursors;
}

}  // namespace sightline::agent
