#include "store/clickhouse/encoder.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <unordered_map>
#include <utility>
#include <variant>

#include "store/clickhouse/attribute_writer.h"
#include "store/clickhouse/batch_text.h"
#include "store/clickhouse/column_group.h"
#include "store/clickhouse/native_column.h"
#include "store/clickhouse/stored_value.h"
#include "store/clickhouse/structure.h"
#include "store/clickhouse/text_hash.h"

namespace sightline::store::clickhouse {
namespace {

constexpr std::size_t kSampledRows = 2000;
// Ids of a block that are no UUIDs: of more no vocabulary is kept.
constexpr std::size_t kMaxOddIds = 1000;
constexpr std::int64_t kDayMs = 24LL * 60 * 60 * 1000;

using Column = std::variant<std::monostate, StringColumn, DictionaryColumn, NumberColumn<std::int64_t>,
                            NumberColumn<std::uint8_t>, ArrayColumn<StringColumn>, ArrayColumn<DictionaryColumn>>;

Column make_column(ColumnKind kind) {
  switch (kind) {
    case ColumnKind::dictionary:
      return DictionaryColumn();
    case ColumnKind::text:
    case ColumnKind::packed_text:
      return StringColumn();
    case ColumnKind::list:
      return ArrayColumn<DictionaryColumn>();
    case ColumnKind::text_list:
      return ArrayColumn<StringColumn>();
    case ColumnKind::integer:
      return NumberColumn<std::int64_t>();
    case ColumnKind::boolean:
      return NumberColumn<std::uint8_t>();
    case ColumnKind::member:
      break;
  }
  return {};
}

// The rows of one field. Several values of a row are handed over one after the other.
class FieldBuilder {
 public:
  explicit FieldBuilder(const FieldColumn& column)
      : info_(column), column_(column.is_grouped() ? Column() : make_column(column.kind)) {}

  const FieldColumn& info() const { return info_; }

  // False where the value does not fit the column: the second of a field that has one value, and the integer that has
  // no stored form. Later values of the row do not fit either, so that the order is kept.
  bool add(std::size_t row, const FieldValue& value, std::string& scratch);
  void finish(std::size_t rows, std::string& out);
  void tell(Vocabulary& vocabulary) const;

 private:
  bool add_to_list(std::size_t row, std::string_view text);
  bool add_one(std::size_t row, const FieldValue& value, std::string& scratch);
  void note_odd_id(std::string_view stored) {
    if (odd_ids_.size() <= kMaxOddIds) odd_ids_.emplace_back(stored);
  }

  const FieldColumn& info_;
  Column column_;
  std::vector<std::string> odd_ids_;  // no UUIDs, in stored form; one more than is told
  std::size_t last_row_ = SIZE_MAX;
  bool row_open_ = false;  // of a list: end_row is still to come
};

bool FieldBuilder::add(std::size_t row, const FieldValue& value, std::string& scratch) {
  if (info_.kind == ColumnKind::list || info_.kind == ColumnKind::text_list) return add_to_list(row, value.text);
  if (last_row_ == row) return false;
  last_row_ = row;
  return add_one(row, value, scratch);
}

bool FieldBuilder::add_to_list(std::size_t row, std::string_view text) {
  const auto add = [&](auto& column) {
    if (last_row_ != row) {
      if (row_open_) column.end_row();
      column.pad(row);
      row_open_ = true;
      last_row_ = row;
    }
    column.elements().add(text);
  };
  if (info_.kind == ColumnKind::list) {
    add(std::get<ArrayColumn<DictionaryColumn>>(column_));
  } else {
    add(std::get<ArrayColumn<StringColumn>>(column_));
  }
  return true;
}

bool FieldBuilder::add_one(std::size_t row, const FieldValue& value, std::string& scratch) {
  switch (info_.kind) {
    case ColumnKind::dictionary: {
      auto& column = std::get<DictionaryColumn>(column_);
      column.pad(row);
      column.add(to_stored_text(value.text, false, scratch));
      return true;
    }
    case ColumnKind::text:
    case ColumnKind::packed_text: {
      auto& column = std::get<StringColumn>(column_);
      column.pad(row);
      const bool packed = info_.kind == ColumnKind::packed_text;
      const std::string_view stored = to_stored_text(value.text, packed, scratch);
      if (packed && stored.front() != kUuidMark) note_odd_id(stored);
      column.add(stored);
      return true;
    }
    case ColumnKind::integer: {
      if (value.integer == kUnstorableInteger) return false;
      auto& column = std::get<NumberColumn<std::int64_t>>(column_);
      column.pad(row);
      column.add(to_stored_integer(value.integer));
      return true;
    }
    case ColumnKind::boolean: {
      auto& column = std::get<NumberColumn<std::uint8_t>>(column_);
      column.pad(row);
      column.add(to_stored_boolean(value.integer));
      return true;
    }
    default:
      return false;
  }
}

void FieldBuilder::finish(std::size_t rows, std::string& out) {
  const auto write = [&](auto& column) {
    if constexpr (requires { column.end_row(); }) {
      if (row_open_) column.end_row();
    }
    column.pad(rows);
    if constexpr (requires { column.prefix(out); }) column.prefix(out);
    column.finish(out);
  };
  std::visit(
      [&](auto& column) {
        if constexpr (!std::is_same_v<std::decay_t<decltype(column)>, std::monostate>) write(column);
      },
      column_);
}

// Key 0 is the empty text.
void tell_keys(Vocabulary& vocabulary, std::string_view column, const DictionaryColumn& values) {
  vocabulary.add(column, std::span(values.keys()).subspan(1));
}

void FieldBuilder::tell(Vocabulary& vocabulary) const {
  if (const auto* dictionary = std::get_if<DictionaryColumn>(&column_)) tell_keys(vocabulary, info_.name, *dictionary);
  if (const auto* list = std::get_if<ArrayColumn<DictionaryColumn>>(&column_)) {
    tell_keys(vocabulary, info_.name, list->elements());
  }
  if (odd_ids_.size() > kMaxOddIds) return vocabulary.forget(info_.name);
  vocabulary.add(info_.name, std::vector<std::string_view>(odd_ids_.begin(), odd_ids_.end()));
}

struct Row {
  const Event* event = nullptr;
  std::uint32_t batch = 0;  // index in the call
  std::uint32_t number = 0;
};

std::vector<Row> sorted_rows(std::span<const PendingBatch> batches) {
  std::vector<Row> rows;
  for (std::uint32_t batch = 0; batch < batches.size(); ++batch) {
    std::uint32_t number = 0;
    for (const Event& event : batches[batch].events->events()) rows.push_back({&event, batch, number++});
  }
  std::ranges::stable_sort(rows, {}, [](const Row& row) { return row.event->event_time_ms; });
  return rows;
}

// A block under construction: columns are added one by one.
class BlockWriter {
 public:
  explicit BlockWriter(std::size_t rows) : rows_(rows) {}

  void add(std::string_view name, std::string_view type, std::string body) {
    std::string header;
    append_text(header, name);
    append_text(header, type);
    pieces_.push_back(std::move(header));
    pieces_.push_back(std::move(body));
    if (!columns_.empty()) columns_ += ", ";
    columns_ += quote_name(name);
  }

  template <class ColumnBuilder>
  void add_column(std::string_view name, std::string_view type, ColumnBuilder& column) {
    std::string body;
    column.pad(rows_);
    if constexpr (requires { column.prefix(body); }) column.prefix(body);
    column.finish(body);
    add(name, type, std::move(body));
  }

  void finish(EncodedBlock& block) {
    std::string counts;
    append_varint(counts, pieces_.size() / 2);
    append_varint(counts, rows_);
    block.pieces.push_back(std::move(counts));
    std::ranges::move(pieces_, std::back_inserter(block.pieces));
    block.columns = std::move(columns_);
    block.rows = rows_;
  }

 private:
  std::size_t rows_;
  std::string columns_;
  std::vector<std::string> pieces_;
};

constexpr std::string_view kDictionaryListType = "Array(LowCardinality(String))";
constexpr std::string_view kTextListType = "Array(String)";

// Everything a block is made of, filled row by row.
class BlockBuilder {
 public:
  explicit BlockBuilder(std::span<const PendingBatch> batches) : batches_(batches), batch_keys_(batches.size()) {
    for (const FieldColumn& column : field_columns()) fields_.emplace_back(column);
    for (const ColumnGroup& group : column_groups()) groups_.push_back({GroupText(group.fields.size()), {}});
  }

  void add(const Row& row, EventLayout& layout, AttributeKeys& keys, AttributePlanner& planner,
           OriginalEncoder& originals);
  void tell(Vocabulary& vocabulary) const;
  EncodedBlock finish();

 private:
  void add_members(const Row& row);
  void add_header(const Row& row);
  void add_fields(const Event& event);
  bool add_field(const FieldColumn& column, const FieldValue& value);
  void add_unnumbered(const Event& event, std::uint32_t position);
  void add_extra(const FieldColumn& column, const FieldValue& value);
  void add_structure(const EventLayout& layout, const AttributeColumns::Row& attributes, std::string_view shape);
  // Returns the shape, at one address for one batch; empty where the original stands by itself.
  std::string_view add_original(const Event& event, EventLayout& layout, OriginalEncoder& originals);
  void write_members(BlockWriter& writer);
  void write_header(BlockWriter& writer);

  std::span<const PendingBatch> batches_;
  std::size_t row_ = 0;
  std::string scratch_;
  struct Group {
    GroupText row;
    DictionaryColumn column;
  };

  std::vector<FieldBuilder> fields_;
  std::vector<Group> groups_;
  FieldSet filled_;
  FieldSet repeated_;
  std::uint64_t unnumbered_ = 0;

  NumberColumn<std::int64_t> event_time_, received_time_;
  AttributeColumns attributes_;
  ArrayColumn<DictionaryColumn> extra_keys_;
  ArrayColumn<StringColumn> extra_texts_, literals_;
  bool has_extra_ = false, has_literals_ = false, has_raw_ = false;
  using LayoutAndShape = std::pair<const EventLayout*, const char*>;
  struct HashAddresses {
    std::size_t operator()(const LayoutAndShape& key) const {
      return combine_hashes(reinterpret_cast<std::uintptr_t>(key.first), reinterpret_cast<std::uintptr_t>(key.second));
    }
  };
  DictionaryColumn structure_;
  std::unordered_map<LayoutAndShape, std::uint32_t, HashAddresses> structures_;  // keys in the dictionary
  std::string structure_text_;
  StringColumn original_;

  DictionaryColumn batch_;
  std::vector<std::optional<std::uint32_t>> batch_keys_;  // in the dictionary, of each batch of the call
  NumberColumn<std::uint32_t> batch_row_;
  NumberColumn<std::int32_t> day_;
};

void BlockBuilder::add(const Row& row, EventLayout& layout, AttributeKeys& keys, AttributePlanner& planner,
                       OriginalEncoder& originals) {
  const Event& event = *row.event;
  add_members(row);
  add_header(row);
  add_fields(event);
  const AttributeColumns::Row attributes = attributes_.add(event, layout, keys, planner);
  for (const std::uint32_t position : attributes.unnumbered) add_unnumbered(event, position);
  extra_keys_.end_row();
  extra_texts_.end_row();
  const std::string_view shape = add_original(event, layout, originals);
  filled_ |= layout.field_set;
  add_structure(layout, attributes, shape);
  ++row_;
}

// A structure is long, and nearly every row has one that another row had: which one, its parts tell.
void BlockBuilder::add_structure(const EventLayout& layout, const AttributeColumns::Row& attributes,
                                 std::string_view shape) {
  const bool may_come_again = layout.is_kept && attributes.as_planned;
  if (may_come_again) {
    const auto found = structures_.find({&layout, shape.data()});
    if (found != structures_.end()) return structure_.add_key(found->second);
  }
  write_structure({attributes.word_keys, attributes.text_keys, layout.layout, shape}, structure_text_);
  structure_.add(structure_text_);
  if (may_come_again) structures_.emplace(LayoutAndShape{&layout, shape.data()}, structure_.last());
}

void BlockBuilder::add_members(const Row& row) {
  event_time_.add(row.event->event_time_ms);
  received_time_.add(row.event->received_time_ms);
}

void BlockBuilder::add_header(const Row& row) {
  batch_row_.add(row.number);
  std::optional<std::uint32_t>& key = batch_keys_[row.batch];
  if (key) return batch_.add_key(*key);
  batch_.add(to_batch_text(batches_[row.batch].header));
  key = batch_.last();
}

void BlockBuilder::add_fields(const Event& event) {
  for (const FieldValue& value : event.fields()) {
    const FieldColumn& column = field_column(value.field);
    if (!add_field(column, value)) add_extra(column, value);
  }
  for (Group& group : groups_) group.column.add(group.row.finish());
}

bool BlockBuilder::add_field(const FieldColumn& column, const FieldValue& value) {
  if (!column.is_grouped()) return fields_[static_cast<std::size_t>(value.field)].add(row_, value, scratch_);
  GroupText& row = groups_[static_cast<std::size_t>(column.group)].row;
  if (column.kind == ColumnKind::boolean) return row.add_boolean(column.place, value.integer);
  return row.add_text(column.place, value.text);
}

void BlockBuilder::add_extra(const FieldColumn& column, const FieldValue& value) {
  has_extra_ = true;
  repeated_.set(static_cast<std::size_t>(value.field));
  extra_keys_.elements().add(column.name);
  const bool is_text = field_info(value.field).type == FieldType::text;
  extra_texts_.elements().add(is_text ? std::string(value.text) : std::to_string(value.integer));
}

void BlockBuilder::add_unnumbered(const Event& event, std::uint32_t position) {
  const Attribute& attribute = event.attributes()[position];
  has_extra_ = true;
  ++unnumbered_;
  std::string key(1, kExtraAttributeMark);
  key += to_attribute_key(attribute.path, attribute.kind, scratch_);
  extra_keys_.elements().add(key);
  extra_texts_.elements().add(attribute.text);
}

std::string_view BlockBuilder::add_original(const Event& event, EventLayout& layout, OriginalEncoder& originals) {
  const std::optional<ShapedOriginal> shaped = originals.encode(event, layout);
  if (shaped) {
    original_.add({});
    for (const std::string_view literal : shaped->literals) {
      has_literals_ = true;
      literals_.elements().add(literal);
    }
  } else {
    has_raw_ = true;
    original_.add(event.original);
  }
  literals_.end_row();
  return shaped ? shaped->shape : std::string_view();
}

void BlockBuilder::write_members(BlockWriter& writer) {
  writer.add_column("event_time", "Int64", event_time_);
  writer.add_column("received_time", "Int64", received_time_);
}

void BlockBuilder::write_header(BlockWriter& writer) {
  std::int64_t newest_ms = batches_.front().header.received_time_ms;
  for (const PendingBatch& batch : batches_) newest_ms = std::max(newest_ms, batch.header.received_time_ms);
  const std::int64_t day = newest_ms >= 0 ? newest_ms / kDayMs : -((-(newest_ms + 1)) / kDayMs) - 1;
  const auto bounded = static_cast<std::int32_t>(std::clamp<std::int64_t>(day, INT32_MIN, INT32_MAX));
  for (std::size_t i = 0; i < row_; ++i) day_.add(bounded);
  writer.add_column("batch", kDictionaryType, batch_);
  writer.add_column("batch_row", "UInt32", batch_row_);
  writer.add_column("day", "Int32", day_);
}

void BlockBuilder::tell(Vocabulary& vocabulary) const {
  for (const FieldBuilder& field : fields_) {
    if (filled_[static_cast<std::size_t>(field.info().field)]) field.tell(vocabulary);
  }
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    tell_keys(vocabulary, column_groups()[i].name, groups_[i].column);
  }
  tell_keys(vocabulary, "words", attributes_.words.elements());
}

EncodedBlock BlockBuilder::finish() {
  EncodedBlock block;
  block.filled = filled_;
  block.repeated = repeated_;
  block.unnumbered = unnumbered_;
  BlockWriter writer(row_);
  write_members(writer);
  for (FieldBuilder& builder : fields_) {
    const FieldColumn& column = builder.info();
    if (column.is_grouped()) continue;
    // What a block leaves out the engine fills in, which is cheap but for lists of dictionary values (0044).
    if (!filled_[static_cast<std::size_t>(column.field)] && column.kind != ColumnKind::list) continue;
    std::string body;
    builder.finish(row_, body);
    writer.add(column.name, column.type, std::move(body));
  }
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    if (groups_[i].column.keys().size() > 1) {
      writer.add_column(column_groups()[i].name, kDictionaryType, groups_[i].column);
    }
  }
  writer.add_column("structure", kDictionaryType, structure_);
  if (attributes_.words.elements().rows() > 0) writer.add_column("words", kDictionaryListType, attributes_.words);
  if (attributes_.texts.elements().rows() > 0) writer.add_column("texts", kTextListType, attributes_.texts);
  writer.add_column("extra_keys", kDictionaryListType, extra_keys_);
  if (has_extra_) writer.add_column("extra_texts", kTextListType, extra_texts_);
  if (has_literals_) writer.add_column("literals", kTextListType, literals_);
  if (has_raw_) writer.add_column("original", "String", original_);
  write_header(writer);
  writer.finish(block);
  return block;
}

}  // namespace

EncodedBlock BatchEncoder::encode(std::span<const PendingBatch> batches) {
  if (originals_.begin_batch()) layouts_ = EventLayouts();
  layouts_.begin_batch();
  const std::vector<Row> rows = sorted_rows(batches);
  const std::size_t step = rows.size() / kSampledRows + 1;
  for (std::size_t i = 0; i < rows.size(); i += step) planner_.sample(*rows[i].event, layouts_.of(*rows[i].event));
  planner_.judge();
  BlockBuilder builder(batches);
  for (const Row& row : rows) builder.add(row, layouts_.of(*row.event), keys_, planner_, originals_);
  planner_.judge();
  if (vocabulary_ != nullptr) builder.tell(*vocabulary_);
  return builder.finish();
}

}  // namespace sightline::store::clickhouse
