#include "sources/audit/event_mapper.h"

#include <algorithm>

#include "sources/audit/classify.h"
#include "sources/audit/fields.h"
#include "sources/audit/files.h"
#include "sources/audit/login.h"
#include "sources/audit/network.h"
#include "sources/audit/process.h"
#include "sources/audit/value.h"

namespace sightline::audit {

namespace {

constexpr std::size_t kMaxRecordTypes = 64;                  // named in one event
constexpr std::size_t kKeptFields = std::size_t{64} * 1024;  // working memory kept from event to event

bool is_main(RecordType type) { return type == RecordType::syscall || type == RecordType::uringop; }

std::string_view body_of(std::string_view line, std::size_t offset) {
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line.substr(std::min(offset, line.size()));
}

std::uint64_t item_number(const Record* record) {
  for (const Field& field : record->fields) {
    if (field.id == Key::item) return static_cast<std::uint64_t>(parse_integer(field.value).value_or(0));
  }
  return 0;
}

}  // namespace

void EventMapper::map(const OpenEvent& open, bool cut_short, EventBatch& batch) {
  Arena& arena = batch.arena();
  const std::string_view original = arena.copy(open.lines);
  state_.reset(arena);
  state_.partial = open.cut;
  parse_records(open, original);
  map_parsed(open.node, open.time_ms, open.serial, cut_short, original, batch);
  if (fields_.capacity() > kKeptFields) fields_ = std::vector<Field>();
}

Event& EventMapper::map(const RecordHead& head, std::span<const ReadyRecord> records, std::string_view original,
                        EventBatch& batch) {
  state_.reset(batch.arena());
  for (const ReadyRecord& ready : records) {
    state_.records.push_back({.type = ready.type, .type_name = ready.type_name, .fields = ready.fields, .body = {}});
  }
  const auto main = std::ranges::find_if(state_.records, is_main, &Record::type);
  if (main != state_.records.end()) state_.main = &*main;
  return map_parsed(head.node, head.time_ms, head.serial, false, original, batch);
}

Event& EventMapper::map_parsed(std::string_view node, std::int64_t time_ms, std::uint64_t serial, bool cut_short,
                               std::string_view original, EventBatch& batch) {
  map_common(node, serial);
  map_records();
  finish(cut_short);
  Event& event = batch.add();
  event.event_time_ms = time_ms;
  event.original = original;
  state_.draft.move_into(event);
  return event;
}

void EventMapper::parse_records(const OpenEvent& open, std::string_view original) {
  fields_.clear();
  field_ends_.clear();
  std::vector<Record>& records = state_.records;
  for (const RecordRef& ref : open.records) {
    const std::string_view line = original.substr(ref.offset, ref.size);
    Record record;
    record.type = ref.type;
    record.type_name = record_type_name(ref.type);
    if (record.type_name.empty()) record.type_name = line.substr(ref.name_offset, ref.name_size);
    record.body = parse_body(body_of(line, ref.body_offset), fields_);
    if (record.body.cut) state_.partial = true;
    records.push_back(record);
    field_ends_.push_back(fields_.size());
  }
  std::size_t begin = 0;
  for (std::size_t i = 0; i < records.size(); ++i) {
    const std::span<Field> fields = std::span(fields_).subspan(begin, field_ends_[i] - begin);
    if (records[i].type == RecordType::login) rename_old_login_fields(fields);
    records[i].fields = fields;
    begin = field_ends_[i];
    if (state_.main == nullptr && is_main(records[i].type)) state_.main = &records[i];
  }
}

void EventMapper::map_common(std::string_view node, std::uint64_t serial) {
  EventDraft& draft = state_.draft;
  const auto set_known = [&](FieldId field, std::string_view value) {
    if (!value.empty()) draft.set_text(field, draft.arena().copy(value));
  };
  const bool is_claim = context_.bound && !context_.hostname.empty() && node != context_.hostname;
  if (!is_claim) set_known(FieldId::hostname, node);
  set_known(FieldId::hostname, context_.hostname);  // the first value stays
  if (is_claim && !node.empty()) {
    draft.add_attribute("claimed_hostname", Attribute::Kind::text, draft.arena().copy(node));
  }
  set_known(FieldId::agent_id, context_.agent_id);
  set_known(FieldId::instance_id, context_.instance_id);
  set_known(FieldId::account_id, context_.account_id);
  draft.set_integer(FieldId::serial, static_cast<std::int64_t>(serial));
  record_types_.clear();
  for (const Record& record : state_.records) {
    if (record_types_.size() >= kMaxRecordTypes) break;
    if (std::ranges::find(record_types_, record.type_name) != record_types_.end()) continue;
    record_types_.push_back(record.type_name);
    draft.add_text(FieldId::record_type, record.type_name);
  }
}

// The system call first: where two records have a value for the same field, its value stays.
void EventMapper::map_records() {
  rest_.clear();
  path_records_.clear();
  if (state_.main != nullptr) map_record(*state_.main, state_);
  for (const Record& record : state_.records) {
    if (&record != state_.main) map_other(record);
  }
  if (!std::ranges::is_sorted(path_records_, {}, item_number)) {
    std::ranges::stable_sort(path_records_, {}, item_number);
  }
  for (const Record* record : path_records_) map_path_record(*record, state_);
  for (const Field& field : rest_) map_attribute(field, state_);
}

void EventMapper::map_other(const Record& record) {
  switch (record.type) {
    case RecordType::path:
      path_records_.push_back(&record);
      return;
    case RecordType::execve:
      state_.has_execve = true;
      state_.argv.add(record.fields.data(), record.fields.data() + record.fields.size(), rest_);
      return;
    case RecordType::eoe:
      return;
    default:
      map_record(record, state_);
  }
}

void EventMapper::finish(bool cut_short) {
  finish_syscall(state_);
  finish_process(state_);
  finish_network(state_);
  finish_files(state_);
  for (const Record& record : state_.records) {
    const bool alone = state_.main == nullptr && &record == &state_.records.front();
    if (alone || record.type == RecordType::login) finish_message(record, state_);
  }
  classify(state_);
  if (lacks_arguments() || (cut_short && last_record_is_cut())) state_.partial = true;
  if (state_.partial) state_.draft.set_boolean(FieldId::partial, true);
}

// A program was started, yet nothing says with what arguments.
bool EventMapper::lacks_arguments() const {
  return state_.main != nullptr && state_.verb != nullptr && state_.verb->kind == CallKind::exec &&
         state_.success().value_or(false) && !state_.has_execve;
}

// The kernel ends a SYSCALL record with its key.
bool EventMapper::last_record_is_cut() const {
  const Record& last = state_.records.back();
  return last.type == RecordType::syscall && std::ranges::find(last.fields, Key::key, &Field::id) == last.fields.end();
}

}  // namespace sightline::audit
