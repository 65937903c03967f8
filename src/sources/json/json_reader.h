// One JSON object becomes one event.
#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "event/event.h"
#include "sources/json/path_table.h"

namespace sightline::sources {

// Why a document was refused.
struct JsonError {
  std::string message;     // what was expected, without the place
  std::size_t offset = 0;  // of the bad byte, from the start of the document
};

// Reads objects into events. Every value of the object ends up in the event:
//
// - Its path is the keys on the way to it, joined by dots. Keys are taken as they are, also those with dots in them;
//   indices of arrays are left out, so an array is a list, and an array of objects gives one list a path. A key that
//   occurs twice gives a list too.
// - At the path of a field, a value that fits the field's type is that field: integers, also in quotes; true and false,
//   also in quotes; anything for a text field. One that does not fit is an attribute of that path, and the field's name
//   is added to `malformed`.
// - Everything else is an attribute. Numbers keep every digit (event/decimal.h). null, {} and [] are nothing.
// - Beyond kMaxAttributes values, kMaxKeys keys or PathTable::kMaxPathBytes of path, values are in the original only,
//   and `malformed` contains "attributes".
// - Bytes that are not UTF-8 become U+FFFD in the values, and `malformed` contains "original".
//
// Deeper nesting than kMaxDepth, and whatever JSON does not allow, is an error. Not thread-safe.
class JsonReader {
 public:
  explicit JsonReader(PathRules rules, PathNamer namer = nullptr);
  ~JsonReader();

  // Views into batches are shared between the events read until the next call. To be called whenever the batch may
  // have changed.
  void start_batch();

  // Appends the event of `object` to `batch`, with event_time (0 where the object has none that can be read; what
  // could not be read is an attribute and in `malformed`) and original set, and returns it. Adds nothing on error.
  std::expected<Event*, JsonError> read(std::string_view object, EventBatch& batch);

 private:
  class Parser;
  PathTable paths_;
  std::unique_ptr<Parser> parser_;
  std::size_t expected_fields_ = 0;
  std::size_t expected_attributes_ = 0;
};

// Adds a name to the event's `malformed` list, once.
void add_malformed(Event& event, std::string_view name);

}  // namespace sightline::sources
