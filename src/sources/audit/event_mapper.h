// From the lines of one event to an Event.
#pragma once

#include <string>
#include <vector>

#include "event/event.h"
#include "sources/audit/coalescer.h"
#include "sources/audit/state.h"
#include "sources/decoder.h"

namespace sightline::audit {

// Not thread-safe: it keeps its working memory from event to event.
class EventMapper {
 public:
  explicit EventMapper(sources::DecodeContext context) : context_(std::move(context)) {}

  // Appends the event to `batch`. `cut_short`: its last line had no end.
  void map(const OpenEvent& open, bool cut_short, EventBatch& batch);

 private:
  void parse_records(const OpenEvent& open, std::string_view original);
  void map_common(const OpenEvent& open);
  void map_records();
  void map_other(const Record& record);
  void finish(bool cut_short);
  bool lacks_arguments() const;
  bool last_record_is_cut() const;

  sources::DecodeContext context_;
  EventState state_;
  std::vector<Field> fields_;
  std::vector<std::size_t> field_ends_;  // per record, into fields_
  std::vector<Field> rest_;              // of EXECVE records
  std::vector<const Record*> path_records_;
  std::vector<std::string_view> record_types_;
};

}  // namespace sightline::audit
