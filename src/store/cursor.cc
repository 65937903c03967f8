#include "store/cursor.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "base/hash.h"

namespace sightline::store {
namespace {

constexpr char kVersion = '2';
constexpr char kCheck = 'c';  // a cursor cut short or pasted twice must not parse
constexpr std::size_t kBytes = 8 + 16 + 8 + 8 + 8;
constexpr std::uint64_t kMaxGiven = 1'000'000'000'000;
constexpr std::int64_t kMaxAskedMs = 253'402'300'799'999;  // the year 9999

void put_u64(std::uint8_t* out, std::uint64_t value) {
  for (int i = 7; i >= 0; --i, value >>= 8) out[i] = static_cast<std::uint8_t>(value);
}

std::uint64_t get_u64(const char* bytes) {
  std::uint64_t value = 0;
  for (int i = 0; i < 8; ++i) value = value << 8 | static_cast<std::uint8_t>(bytes[i]);
  return value;
}

}  // namespace

std::string to_text(const Cursor& cursor) {
  std::array<std::uint8_t, kBytes> bytes{};
  put_u64(bytes.data(), static_cast<std::uint64_t>(cursor.event_time_ms));
  std::ranges::copy(cursor.id, bytes.begin() + 8);
  put_u64(bytes.data() + 24, cursor.newest_batch);
  put_u64(bytes.data() + 32, cursor.given);
  put_u64(bytes.data() + 40, static_cast<std::uint64_t>(cursor.asked_ms));
  return kCheck + to_hex(bytes) + kVersion;
}

Result<Cursor> parse_cursor(std::string_view text) {
  const auto invalid = [] {
    return fail(ErrorCode::invalid_input, "the cursor is not one that an earlier answer gave; start without a cursor");
  };
  if (text.size() != kBytes * 2 + 2 || text.front() != kCheck || text.back() != kVersion) return invalid();
  const std::optional<std::string> bytes = from_hex(text.substr(1, kBytes * 2));
  if (!bytes) return invalid();
  Cursor cursor;
  cursor.event_time_ms = static_cast<std::int64_t>(get_u64(bytes->data()));
  std::transform(bytes->begin() + 8, bytes->begin() + 24, cursor.id.begin(),
                 [](char c) { return static_cast<std::uint8_t>(c); });
  cursor.newest_batch = get_u64(bytes->data() + 24);
  cursor.given = get_u64(bytes->data() + 32);
  cursor.asked_ms = static_cast<std::int64_t>(get_u64(bytes->data() + 40));
  if (cursor.given > kMaxGiven || cursor.asked_ms < 0 || cursor.asked_ms > kMaxAskedMs) return invalid();
  return cursor;
}

}  // namespace sightline::store
