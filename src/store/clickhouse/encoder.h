// Turns batches of events into one block of columns in ClickHouse's Native format.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/clickhouse/attribute_writer.h"
#include "store/clickhouse/event_layout.h"
#include "store/clickhouse/original_encoder.h"
#include "store/clickhouse/schema.h"
#include "store/clickhouse/vocabulary.h"
#include "store/event_store.h"

namespace sightline::store::clickhouse {

struct EncodedBlock {
  std::string columns;              // "a, b, c": without most that are null throughout (0044)
  std::vector<std::string> pieces;  // the block, to be sent one after the other
  std::size_t rows = 0;
  FieldSet filled;               // fields that some event has
  FieldSet repeated;             // fields with values in the column of extra values
  std::uint64_t unnumbered = 0;  // attribute values without a number, which are in that column too
};

// Not thread-safe: one writer has one.
class BatchEncoder {
 public:
  // `keys` are those of the store. encode() adds what is new; the caller stores it before the block. Where there is a
  // vocabulary, it also adds the values of the block to that.
  explicit BatchEncoder(AttributeKeys& keys, Vocabulary* vocabulary = nullptr, OriginalEncoder::Limits limits = {})
      : keys_(keys), vocabulary_(vocabulary), planner_(keys), originals_(limits) {}

  // All batches as one block, rows sorted by event_time. At least one event in all.
  EncodedBlock encode(std::span<const PendingBatch> batches);

  const OriginalEncoder::Statistics& original_statistics() const { return originals_.statistics(); }

 private:
  AttributeKeys& keys_;
  Vocabulary* vocabulary_;
  AttributePlanner planner_;
  EventLayouts layouts_;
  OriginalEncoder originals_;
};

}  // namespace sightline::store::clickhouse
