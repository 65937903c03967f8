#include "store/clickhouse/row_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "store/clickhouse/batch_text.h"
#include "store/clickhouse/column_group.h"
#include "store/clickhouse/stored_value.h"
#include "store/clickhouse/structure.h"

namespace sightline::store::clickhouse {
namespace {

constexpr std::string_view kOtherColumns =
    "batch, batch_row, event_time, received_time, structure, words, texts, extra_keys, extra_texts, literals, original";

// Those that have any of the fields.
std::vector<const ColumnGroup*> groups_of(const FieldSet& fields) {
  std::vector<const ColumnGroup*> groups;
  for (const ColumnGroup& group : column_groups()) {
    const auto is_asked = [&](FieldId field) { return fields[static_cast<std::size_t>(field)]; };
    if (std::ranges::any_of(group.fields, is_asked)) groups.push_back(&group);
  }
  return groups;
}

bool is_member(const FieldColumn& column) { return column.kind == ColumnKind::member; }

std::int64_t parse_integer(std::string_view text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// Reads the rows of one answer.
class EventReader {
 public:
  EventReader(std::string_view rows, const FieldSet& fields, const AttributeKeys& keys, EventBatch& out,
              RowCheck* check)
      : reader_(rows), fields_(fields), groups_(groups_of(fields)), keys_(keys), out_(out), check_(check) {}

  Result<void> read_all();

 private:
  void read_members(Event& event);
  void read_structure_text();
  void read_attributes(std::string_view column, std::string_view row_keys, Event& event);
  void restore_order(Event& event, const MixedPath& mixed);
  void read_extra(Event& event);
  void read_texts(std::vector<std::string_view>& texts);
  void read_groups();
  void read_field(const FieldColumn& column, Event& event);
  void add_text(const FieldColumn& column, std::string_view stored, Event& event);
  void add_boolean(const FieldColumn& column, std::uint8_t stored, Event& event);
  bool read_original(Event& event);
  const Shape* find_shape(std::string_view text);
  std::string_view keep(std::string_view text) { return out_.arena().copy(text); }

  BinaryReader reader_;
  FieldSet fields_;
  std::vector<const ColumnGroup*> groups_;  // that have any of the fields
  const AttributeKeys& keys_;
  EventBatch& out_;
  RowCheck* check_;
  std::string scratch_;
  std::array<std::string_view, kFieldCount> grouped_;  // of the row, in stored form
  std::vector<std::string_view> extra_keys_;
  struct Extra {
    FieldId field;
    std::string_view text;
  };
  std::vector<Extra> extra_;
  bool unknown_key_ = false;
  bool improper_ = false;  // a structure that cannot be read
  std::string_view last_layout_;
  Structure structure_;  // of the row
  std::vector<std::string_view> literals_;
  std::string_view raw_;
  std::unordered_map<std::string_view, std::unique_ptr<Shape>> shapes_;
};

Result<void> EventReader::read_all() {
  while (!reader_.at_end()) {
    Event& event = out_.add();
    read_members(event);
    read_structure_text();
    read_attributes("words", structure_.word_keys, event);
    read_attributes("texts", structure_.text_keys, event);
    const std::string_view layout = structure_.layout;
    if (check_ == nullptr && layout != last_layout_ && (fields_of_layout(layout) & ~fields_).any()) {
      return fail(ErrorCode::unavailable,
                  "an event has fields that the store did not know of when it was asked; ask again");
    }
    last_layout_ = layout;
    read_extra(event);
    for (const MixedPath& mixed : mixed_of_layout(layout)) restore_order(event, mixed);
    read_texts(literals_);
    raw_ = reader_.text();
    read_groups();
    for (const FieldColumn& column : field_columns()) {
      if (!is_member(column) && fields_[static_cast<std::size_t>(column.field)]) read_field(column, event);
    }
    for (const Extra& extra : extra_) {
      if (check_ != nullptr) check_->extra_value(event, field_column(extra.field), extra.text);
      if (field_info(extra.field).type == FieldType::text) {
        event.add_text(extra.field, keep(extra.text));
      } else {
        event.add_integer(extra.field, parse_integer(extra.text));
      }
    }
    if (reader_.failed()) return fail(ErrorCode::corrupt, "the engine's answer ends within an event");
    if (improper_ && check_ == nullptr) return fail(ErrorCode::corrupt, "an event does not say how it is built");
    if (unknown_key_) return fail(ErrorCode::corrupt, "an event has an attribute whose name the store has lost");
    if (!read_original(event)) {
      return fail(ErrorCode::corrupt,
                  fmt::format("the original of event {} does not fit its shape", to_string(event.id)));
    }
    if (check_ == nullptr) continue;
    check_->original(structure_.shape, literals_.size(), raw_);
    check_->layout(event, layout);
    check_->end_row();
  }
  return {};
}

void EventReader::read_members(Event& event) {
  const BatchId batch = batch_id_of_text(reader_.text());
  event.id = make_event_id(batch, reader_.integer<std::uint32_t>());
  event.event_time_ms = reader_.integer<std::int64_t>();
  event.received_time_ms = reader_.integer<std::int64_t>();
}

void EventReader::read_texts(std::vector<std::string_view>& texts) {
  texts.clear();
  for (std::uint64_t left = reader_.varint(); left > 0 && !reader_.failed(); --left) texts.push_back(reader_.text());
}

void EventReader::read_structure_text() {
  const bool proper = read_structure(reader_.text(), structure_);
  if (!proper && check_ != nullptr) check_->structure();
  improper_ = improper_ || !proper;
}

// A column of values, with the keys that they have in this row.
void EventReader::read_attributes(std::string_view column, std::string_view row_keys, Event& event) {
  const std::uint64_t values = reader_.varint();
  if (check_ != nullptr) check_->keys(column, row_keys, values);
  for (std::uint64_t left = values; left > 0 && !reader_.failed(); --left) {
    const std::uint32_t number = key_number(row_keys.substr(0, kKeyBytes));
    const std::string_view text = reader_.text();
    row_keys.remove_prefix(std::min(row_keys.size(), kKeyBytes));
    if (number >= keys_.size()) {
      unknown_key_ = true;
      continue;
    }
    const AttributeName name = from_attribute_key(keys_[number].name);
    event.add_attribute(keep(name.path), name.kind, keep(text));
  }
}

// Texts and numbers of a path come from two keys, each in its own order; `mixed` tells how they alternate.
void EventReader::restore_order(Event& event, const MixedPath& mixed) {
  std::vector<Attribute> texts;
  std::vector<Attribute> numbers;
  for (const Attribute& attribute : event.attributes()) {
    if (attribute.path != mixed.path) continue;
    (attribute.kind == Attribute::Kind::number ? numbers : texts).push_back(attribute);
  }
  std::erase_if(event.attributes(), [&](const Attribute& attribute) { return attribute.path == mixed.path; });
  auto text = texts.begin();
  auto number = numbers.begin();
  for (const char kind : mixed.kinds) {
    if (kind == 'n' && number != numbers.end()) event.attributes().push_back(*number++);
    if (kind == 't' && text != texts.end()) event.attributes().push_back(*text++);
  }
  event.attributes().insert(event.attributes().end(), text, texts.end());
  event.attributes().insert(event.attributes().end(), number, numbers.end());
}

void EventReader::read_extra(Event& event) {
  extra_.clear();
  read_texts(extra_keys_);
  const std::uint64_t count = reader_.varint();
  if (check_ != nullptr) check_->extra_counts(extra_keys_.size(), count);
  for (std::uint64_t i = 0; i < count && !reader_.failed(); ++i) {
    const std::string_view text = reader_.text();
    if (i >= extra_keys_.size()) continue;
    const std::string_view key = extra_keys_[i];
    if (key.starts_with(kExtraAttributeMark)) {
      if (check_ != nullptr) check_->extra_attribute(key.substr(1));
      const AttributeName name = from_attribute_key(key.substr(1));
      event.add_attribute(keep(name.path), name.kind, keep(text));
      continue;
    }
    const FieldColumn* column = find_column(key);
    if (check_ != nullptr) check_->extra_column(key, column);
    if (column != nullptr) extra_.push_back({column->field, text});
  }
}

void EventReader::read_groups() {
  for (const ColumnGroup* group : groups_) {
    const std::string_view text = reader_.text();
    std::string_view rest = text;
    for (const FieldId field : group->fields) {
      const std::string_view stored = take_group_value(rest);
      grouped_[static_cast<std::size_t>(field)] = stored;
      if (check_ != nullptr) check_->grouped_value(field_column(field), stored);
    }
    if (check_ != nullptr) check_->group(*group, text, rest);
  }
}

void EventReader::add_text(const FieldColumn& column, std::string_view stored, Event& event) {
  if (check_ != nullptr) check_->text(column, stored);
  if (const auto text = from_stored_text(stored, scratch_)) event.add_text(column.field, keep(*text));
}

void EventReader::add_boolean(const FieldColumn& column, std::uint8_t stored, Event& event) {
  if (stored != 0) event.add_boolean(column.field, stored == to_stored_boolean(1));
}

void EventReader::read_field(const FieldColumn& column, Event& event) {
  if (column.is_grouped()) {
    const std::string_view stored = grouped_[static_cast<std::size_t>(column.field)];
    if (column.kind == ColumnKind::dictionary) return add_text(column, stored, event);
    return add_boolean(column, stored.empty() ? 0 : static_cast<std::uint8_t>(stored.front()), event);
  }
  switch (column.kind) {
    case ColumnKind::dictionary:
    case ColumnKind::text:
    case ColumnKind::packed_text:
      add_text(column, reader_.text(), event);
      break;
    case ColumnKind::list:
    case ColumnKind::text_list:
      for (std::uint64_t left = reader_.varint(); left > 0 && !reader_.failed(); --left) {
        event.add_text(column.field, keep(reader_.text()));
      }
      break;
    case ColumnKind::integer:
      if (const auto stored = reader_.integer<std::int64_t>(); stored != 0) {
        event.add_integer(column.field, from_stored_integer(stored));
      }
      break;
    case ColumnKind::boolean: {
      const auto stored = reader_.integer<std::uint8_t>();
      if (check_ != nullptr) check_->boolean(column, stored);
      add_boolean(column, stored, event);
      break;
    }
    case ColumnKind::member:
      break;
  }
}

bool EventReader::read_original(Event& event) {
  if (structure_.shape.empty()) {
    event.original = keep(raw_);
    return true;
  }
  const Shape* shape = find_shape(structure_.shape);
  if (shape == nullptr) return false;
  const std::optional<std::string> original = rebuild_original(*shape, event, literals_);
  if (!original) return false;
  event.original = keep(*original);
  return true;
}

const Shape* EventReader::find_shape(std::string_view text) {
  if (const auto found = shapes_.find(text); found != shapes_.end()) return found->second.get();
  std::unique_ptr<Shape> shape = parse_shape(text);
  if (shape == nullptr) return nullptr;
  const std::string_view key = shape->text;
  return shapes_.emplace(key, std::move(shape)).first->second.get();
}

}  // namespace

std::string event_columns(const FieldSet& fields) {
  std::string columns(kOtherColumns);
  for (const ColumnGroup* group : groups_of(fields)) columns += fmt::format(", {}", group->name);
  for (const FieldColumn& column : field_columns()) {
    if (is_member(column) || column.is_grouped() || !fields[static_cast<std::size_t>(column.field)]) continue;
    columns += ", " + quote_name(column.name);
  }
  return columns;
}

Result<void> read_events(std::string_view rows, const FieldSet& fields, const AttributeKeys& keys, EventBatch& out,
                         RowCheck* check) {
  return EventReader(rows, fields, keys, out, check).read_all();
}

}  // namespace sightline::store::clickhouse
