// Finds the shape (shape.h) of each event's original while events come in.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "event/event.h"
#include "store/clickhouse/event_layout.h"
#include "store/clickhouse/shape.h"

namespace sightline::store::clickhouse {

struct ShapedOriginal {
  std::string_view shape;                      // valid until the next begin_batch
  std::span<const std::string_view> literals;  // parts of the original; valid until the next encode
};

// Not thread-safe. Memory is bounded by the limits.
class OriginalEncoder {
 public:
  struct Limits {
    std::size_t max_shapes = 20'000;             // known at the same time
    std::size_t max_shapes_bytes = 32ULL << 20;  // of memory, what layouts know about shapes included
  };
  struct Statistics {
    std::uint64_t shaped = 0;         // kept as shape and values
    std::uint64_t not_shapeable = 0;  // no JSON (audit lines), or JSON whose bytes do not come back from its values
    std::uint64_t over_limit = 0;     // too many distinct shapes
  };

  explicit OriginalEncoder(Limits limits) : limits_(limits) {}
  OriginalEncoder() : OriginalEncoder(Limits{}) {}

  // Forgets the shapes where they have come near the limits; true where it did, and plans of layouts are void.
  bool begin_batch();

  // nullopt: keep the bytes themselves. Otherwise it has been compared, byte for byte, that rebuild_original gives the
  // original back.
  std::optional<ShapedOriginal> encode(const Event& event, EventLayout& layout);

  const Statistics& statistics() const { return statistics_; }
  std::size_t memory_bytes() const { return shapes_bytes_; }

 private:
  bool matches(const ShapePlan& plan, const Event& event);
  bool match_value(const ValueSource& source, const ValuePlace& place, const Event& event, std::string_view& rest);
  const Shape* learn(const Event& event);
  static std::optional<ShapePlan> make_plan(const Shape& shape, const Event& event);

  Limits limits_;
  Statistics statistics_;
  std::size_t shapes_bytes_ = 0;
  std::unordered_map<std::string_view, std::unique_ptr<Shape>> shapes_;  // by text
  std::vector<std::string_view> literals_;                               // of the event in hand
  std::int64_t token_time_ms_ = 0;
  std::string time_token_ = event_time_token(0);  // of that time
};

}  // namespace sightline::store::clickhouse
