// Events of one kind are known as such, and what the writer remembers of them is bounded, whatever their shapes.
#include "store/clickhouse/event_layout.h"

#include <gtest/gtest.h>

#include <string>

#include "store/clickhouse/original_encoder.h"

namespace sightline::store::clickhouse {
namespace {

// Every event has another path, and another original.
Event& add_event(EventBatch& batch, int number, std::size_t path_bytes) {
  const std::string path = std::to_string(number) + std::string(path_bytes, 'p');
  Event& event = batch.add();
  event.add_attribute(batch.arena().copy(path), Attribute::Kind::text, "v");
  event.original = batch.arena().copy("{\"" + path + "\":\"v\"}");
  return event;
}

TEST(EventLayouts, RememberBoundedBytes) {
  constexpr std::size_t kMaxBytes = 100'000;
  EventLayouts layouts(50'000, kMaxBytes);
  EventBatch batch;
  batch.events().reserve(1001);
  bool all_kept = true;
  for (int i = 0; i < 1000; ++i) all_kept &= layouts.of(add_event(batch, i, 1000)).is_kept;
  EXPECT_FALSE(all_kept);
  EXPECT_LE(layouts.memory_bytes(), kMaxBytes);
  EXPECT_GT(layouts.memory_bytes(), kMaxBytes / 2);
  layouts.begin_batch();
  EXPECT_EQ(layouts.memory_bytes(), 0U);
  EXPECT_TRUE(layouts.of(add_event(batch, 1, 1000)).is_kept);
}

TEST(EventLayouts, AreTheSameForTheSamePathsWhereverTheyStand) {
  EventLayouts layouts;
  EventBatch batch;
  const auto add = [&](std::string_view path, Attribute::Kind kind) -> Event& {
    Event& event = batch.add();
    event.add_attribute(path, kind, "1");
    return event;
  };
  batch.events().reserve(8);
  const std::string_view path = batch.arena().copy("path");
  EventLayout& layout = layouts.of(add(path, Attribute::Kind::text));
  EXPECT_EQ(&layouts.of(add(path, Attribute::Kind::text)), &layout);
  EXPECT_EQ(&layouts.of(add(batch.arena().copy("path"), Attribute::Kind::text)), &layout);
  EXPECT_NE(&layouts.of(add(path, Attribute::Kind::number)), &layout);
  EXPECT_NE(&layouts.of(add(path.substr(0, 3), Attribute::Kind::text)), &layout);
  Event& with_field = add(path, Attribute::Kind::text);
  with_field.add_text(FieldId::user, "u");
  EXPECT_NE(&layouts.of(with_field), &layout);
}

TEST(OriginalEncoder, CountsWhatShapesTakeInMemory) {
  constexpr std::size_t kMaxBytes = 100'000;
  OriginalEncoder originals({.max_shapes = 20'000, .max_shapes_bytes = kMaxBytes});
  EventLayouts layouts;
  EventBatch batch;
  batch.events().reserve(1000);
  for (int i = 0; i < 1000; ++i) {
    Event& event = add_event(batch, i, 10);
    originals.encode(event, layouts.of(event));
  }
  // Their texts alone are about 20 bytes each.
  EXPECT_GT(originals.statistics().over_limit, 0U);
  EXPECT_GT(originals.statistics().shaped, 0U);
  EXPECT_LE(originals.memory_bytes(), kMaxBytes + 1000);
  EXPECT_TRUE(originals.begin_batch());
}

TEST(AttributeKeys, NumberBoundedBytes) {
  AttributeKeys keys;
  EXPECT_EQ(keys.find_or_add(std::string(AttributeKeys::kMaxNameBytes + 1, 'x')), AttributeKeys::kNone);
  std::size_t bytes = 0;
  for (int i = 0; bytes < 2 * AttributeKeys::kMaxBytes; ++i) {
    const std::string name = std::to_string(i) + std::string(4000, 'x');
    bytes += name.size();
    keys.find_or_add(name);
  }
  EXPECT_LE(keys.size() * 4000, AttributeKeys::kMaxBytes);
  EXPECT_EQ(keys.find_or_add("0" + std::string(4000, 'x')), 0U);
}

}  // namespace
}  // namespace sightline::store::clickhouse
