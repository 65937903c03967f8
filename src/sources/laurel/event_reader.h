// One line of LAUREL as the records it was made of.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "sources/audit/event_mapper.h"

namespace sightline::laurel {

// What is no field of a record: LAUREL's own additions, by dotted path.
struct Addition {
  std::string_view path;
  bool number = false;
  std::string_view value;
};

// Views live in the arena given to read().
struct LaurelEvent {
  audit::RecordHead head;
  std::vector<audit::ReadyRecord> records;
  std::vector<Addition> additions;
  std::string_view parent_exe;
  std::string_view container_id;
  std::string_view arguments;  // where they come as one text
  bool cut = false;            // there was more than fits an event
};

// Not thread-safe. The event is valid until the next call.
class EventReader {
 public:
  EventReader();
  ~EventReader();

  // Or what was expected.
  std::expected<const LaurelEvent*, std::string> read(std::string_view object, Arena& arena);

 private:
  class Walk;
  class Parser;
  std::unique_ptr<Parser> parser_;
  std::vector<audit::Field> fields_;
  std::vector<std::size_t> field_ends_;
  LaurelEvent event_;
};

}  // namespace sightline::laurel
