// From the lines of one event to an Event.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "event/event.h"
#include "sources/audit/coalescer.h"
#include "sources/audit/state.h"
#include "sources/decoder.h"

namespace sightline::audit {

// A record whose fields somebody else has read. Views live in the arena of the event's batch, or have static storage.
struct ReadyRecord {
  RecordType type = RecordType::unknown;
  std::string_view type_name;
  std::span<const Field> fields;
};

// Not thread-safe: it keeps its working memory from event to event.
class EventMapper {
 public:
  explicit EventMapper(sources::DecodeContext context) : context_(std::move(context)) {}

  // Appends the event to `batch`. `cut_short`: its last line had no end.
  void map(const OpenEvent& open, bool cut_short, EventBatch& batch);

  // The same from records that did not come as text. At least one.
  Event& map(const RecordHead& head, std::span<const ReadyRecord> records, std::string_view original,
             EventBatch& batch);

 private:
  void parse_records(const OpenEvent& open, std::string_view original);
  Event& map_parsed(std::string_view node, std::int64_t time_ms, std::uint64_t serial, bool cut_short,
                    std::string_view original, EventBatch& batch);
  void map_common(std::string_view node, std::uint64_t serial);
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
