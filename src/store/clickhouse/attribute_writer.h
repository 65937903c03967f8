// The columns of attributes: values that come again and again go to a dictionary, the others to plain text.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_set>
#include <vector>

#include "event/event.h"
#include "store/clickhouse/attribute_keys.h"
#include "store/clickhouse/event_layout.h"
#include "store/clickhouse/native_column.h"

namespace sightline::store::clickhouse {

// Chooses the column of each key by what its values were like so far. Lives as long as the writer of a store.
class AttributePlanner {
 public:
  explicit AttributePlanner(AttributeKeys& keys) : keys_(keys) {}

  // The plan of a layout, made anew where the choices have changed since.
  const AttributePlan& plan(EventLayout& layout);

  // Looks at some events of a batch that is about to be encoded, for keys about which nothing is known yet.
  void sample(const Event& event, EventLayout& layout);
  // Counts one value of a key in the dictionary, and whether it was new there.
  void count(std::uint32_t key, bool is_new);
  // Draws the conclusions from what has been sampled or counted; between batches.
  void judge();

 private:
  struct Usage {
    std::uint32_t values = 0;
    std::uint32_t distinct = 0;
    bool plain = false;
    std::unordered_set<std::uint64_t> sampled;  // hashes of values
  };
  AttributeKeys& keys_;
  std::vector<Usage> usage_;
  std::uint64_t version_ = 1;
  std::size_t sampled_ = 0;  // values in all of Usage::sampled
};

// The two columns of one block.
class AttributeColumns {
 public:
  // What the row's values are: keys of the words and of the texts, and the positions of attributes that have no place
  // here. Valid until the next row.
  struct Row {
    std::string_view word_keys;
    std::string_view text_keys;
    const std::vector<std::uint32_t>& unnumbered;
    bool as_planned = true;  // the keys are those of the layout's plan
  };
  // Appends a row.
  Row add(const Event& event, EventLayout& layout, AttributeKeys& keys, AttributePlanner& planner);

  ArrayColumn<DictionaryColumn> words;
  ArrayColumn<StringColumn> texts;

 private:
  void add_long(const Event& event, const AttributePlan& plan, AttributeKeys& keys);

  std::string long_keys_;
};

}  // namespace sightline::store::clickhouse
