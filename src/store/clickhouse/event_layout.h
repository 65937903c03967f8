// Events of the same kind have the same fields and attributes in the same order. What can be worked out once for all of
// them is kept with that order.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "event/event.h"
#include "store/clickhouse/attribute_keys.h"
#include "store/clickhouse/schema.h"
#include "store/clickhouse/shape.h"

namespace sightline::store::clickhouse {

// A shape (shape.h) together with where the values stand in events of one layout.
struct ShapePlan {
  const Shape* shape = nullptr;
  std::vector<ValuePlace> places;  // one a source
};

// Which attributes go to which column, in which order: sorted by key, so that values of one key stand together.
struct AttributePlan {
  struct Value {
    std::uint32_t position = 0;  // in event.attributes()
    std::uint32_t key = 0;
  };
  std::vector<Value> words;  // to the dictionary column
  std::vector<Value> texts;
  std::vector<std::uint32_t> unnumbered;  // positions of attributes whose key has no number
  std::string word_keys;                  // key_bytes() of the values
  std::string text_keys;
  std::uint64_t made_for = 0;  // version of the choice between the columns; 0: not made yet
};

struct EventLayout {
  std::vector<FieldId> fields;
  std::vector<std::string> paths;
  std::vector<Attribute::Kind> kinds;
  FieldSet field_set;
  std::string layout;  // to_layout() of the fields and the mixed paths
  AttributePlan attributes;
  std::vector<ShapePlan> shapes;
  bool is_kept = true;  // false: there was no room, and the next event of this layout gets another

  bool fits(const Event& event) const;
};

// The layout in this event's structure.
std::string layout_of(const Event& event);

// Not thread-safe. Memory is bounded.
class EventLayouts {
 public:
  explicit EventLayouts(std::size_t max_layouts = 50'000, std::size_t max_bytes = 32ULL << 20)
      : max_layouts_(max_layouts), max_bytes_(max_bytes) {}

  // Forgets what it has where that has come near the limit. Layouts do not outlive this.
  void begin_batch();

  // About what the kept layouts take; a little over the limit at the most.
  std::size_t memory_bytes() const { return bytes_; }

  // The layout of the event; the event must stay in place, unchanged, until the last call before the next begin_batch.
  // The layout is valid until the next call where it is not kept, otherwise until begin_batch.
  EventLayout& of(const Event& event);

 private:
  // An event that was met in this batch. JSON decoders have each path of a batch in memory once, so others of its
  // layout have not only equal paths but the same ones.
  struct Met {
    const Event* event = nullptr;
    EventLayout* layout = nullptr;
  };

  EventLayout& look_up(const Event& event);
  static std::unique_ptr<EventLayout> make(const Event& event);

  std::size_t max_layouts_;
  std::size_t max_bytes_;
  std::size_t count_ = 0;
  std::size_t bytes_ = 0;
  std::unordered_map<std::uint64_t, std::vector<std::unique_ptr<EventLayout>>> layouts_;  // by signature
  std::unordered_map<std::uint64_t, Met> met_;
  std::unique_ptr<EventLayout> unkept_;
};

}  // namespace sightline::store::clickhouse
