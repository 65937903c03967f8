#include "agent/spool/frame.h"

#include "agent/spool/little_endian.h"

namespace sightline::agent {

namespace {

constexpr std::size_t kCheckBytes = 8;
constexpr std::string_view kTrailerLabel = "trailer";

std::uint64_t sealed(std::string_view bytes, const FrameSeal& seal) {
  std::string text(bytes);
  put(text, seal.segment);
  return keyed_check(seal.key, text);
}

std::uint64_t trailer_check(std::uint64_t sequence, const FrameSeal& seal) {
  std::string text(kTrailerLabel);
  put(text, sequence);
  return sealed(text, seal);
}

}  // namespace

std::uint64_t frame_bytes(const Batch& batch) {
  return kHeadBytes + batch.source.size() + batch.format.size() + batch.cursor.size() + batch.body.size() +
         kTrailerBytes;
}

std::string frame_start(const Batch& batch, std::uint64_t sequence, const FrameSeal& seal) {
  const std::string names = batch.source + batch.format + batch.cursor;
  std::string start(kFrameMagic);
  start.reserve(kHeadBytes + names.size());
  put(start, sequence);
  put(start, batch.events);
  put(start, batch.first_ms);
  put(start, batch.last_ms);
  put(start, static_cast<std::uint32_t>(batch.body.size()));
  put(start, static_cast<std::uint16_t>(batch.cursor.size()));
  put(start, static_cast<std::uint8_t>(batch.source.size()));
  put(start, static_cast<std::uint8_t>(batch.format.size()));
  put(start, keyed_check(seal.key, names));
  put(start, keyed_check(seal.key, batch.body));
  put(start, sealed(start, seal));
  return start + names;
}

std::string frame_trailer(std::uint64_t sequence, const FrameSeal& seal) {
  std::string trailer;
  put(trailer, sequence);
  put(trailer, trailer_check(sequence, seal));
  return trailer;
}

std::optional<FrameHead> parse_head(std::string_view bytes, const FrameSeal& seal) {
  if (!bytes.starts_with(kFrameMagic)) return std::nullopt;
  const std::string_view checked = bytes.substr(0, kHeadBytes - kCheckBytes);
  std::string_view rest = checked.substr(kFrameMagic.size());
  FrameHead head;
  head.sequence = take<std::uint64_t>(rest);
  head.events = take<std::uint64_t>(rest);
  head.first_ms = take<std::int64_t>(rest);
  head.last_ms = take<std::int64_t>(rest);
  head.body_size = take<std::uint32_t>(rest);
  head.cursor_size = take<std::uint16_t>(rest);
  head.source_size = take<std::uint8_t>(rest);
  head.format_size = take<std::uint8_t>(rest);
  head.names_check = take<std::uint64_t>(rest);
  head.body_check = take<std::uint64_t>(rest);
  const bool in_limits = head.body_size <= kMaxBodyBytes && head.cursor_size <= kMaxCursorBytes &&
                         head.source_size <= kMaxSourceBytes && head.format_size <= kMaxFormatBytes &&
                         head.source_size > 0;
  std::string_view check = bytes.substr(checked.size());
  if (!in_limits || take<std::uint64_t>(check) != sealed(checked, seal)) return std::nullopt;
  return head;
}

std::optional<Batch> parse_names(const FrameHead& head, std::string_view names, const FrameSeal& seal) {
  if (names.size() != head.names_bytes() || keyed_check(seal.key, names) != head.names_check) return std::nullopt;
  Batch batch;
  batch.source = names.substr(0, head.source_size);
  batch.format = names.substr(head.source_size, head.format_size);
  batch.cursor = names.substr(std::size_t{head.source_size} + head.format_size);
  batch.events = head.events;
  batch.first_ms = head.first_ms;
  batch.last_ms = head.last_ms;
  return batch;
}

bool is_body_intact(const FrameHead& head, std::string_view body, const FrameSeal& seal) {
  return body.size() == head.body_size && keyed_check(seal.key, body) == head.body_check;
}

std::optional<std::uint64_t> parse_trailer(std::string_view bytes, const FrameSeal& seal) {
  if (bytes.size() != kTrailerBytes) return std::nullopt;
  const auto sequence = take<std::uint64_t>(bytes);
  if (take<std::uint64_t>(bytes) != trailer_check(sequence, seal)) return std::nullopt;
  return sequence;
}

}  // namespace sightline::agent
