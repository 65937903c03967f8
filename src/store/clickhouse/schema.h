// The tables of the store, and how each field of the event schema is kept in a column.
#pragma once

#include <bitset>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "event/field.h"
#include "store/clickhouse/attribute_keys.h"

namespace sightline::store::clickhouse {

// Every table lives in a database of its own: the engine's default database reads files by table name.
inline constexpr std::string_view kDatabase = "sightline";
inline constexpr std::string_view kEventsTable = "sightline.events";
inline constexpr std::string_view kNamesTable = "sightline.names";
inline constexpr std::string_view kVersionTable = "sightline.schema_version";

// How a field is kept. Nulls cost nothing: they are the column's default, which the engine stores sparsely.
enum class ColumnKind : std::uint8_t {
  member,       // event_time, received_time: columns without nulls; id: made of batch and batch_row
  dictionary,   // text with few distinct values: LowCardinality, stored form of stored_value.h
  text,         // text with many distinct values
  packed_text,  // the same, UUIDs as 16 bytes
  list,         // Array(LowCardinality(String)); the empty list is null
  text_list,    // Array(String)
  integer,      // Int64, stored form of stored_value.h
  boolean,      // UInt8: 0 null, 1 false, 2 true
};

struct FieldColumn {
  FieldId field;
  ColumnKind kind;
  std::string_view name;  // the field's identifier: dots in a column name would mean a nested table
  std::string_view type;  // as in DDL and in Native blocks, of a column of its own
  std::int8_t group;      // index in column_groups(), below 0: the column is its own
  std::uint8_t place;     // in the group

  constexpr bool is_grouped() const { return group >= 0; }
  bool is_stored() const { return !is_grouped() && field != FieldId::id; }  // there is a column of this name
};

const FieldColumn& field_column(FieldId field);
std::span<const FieldColumn> field_columns();  // in schema order, members included

// Fields whose values depend on each other: one dictionary column has each combination once, as in column_group.h. Of
// kind dictionary or boolean.
struct ColumnGroup {
  std::string_view name;  // of the column
  std::span<const FieldId> fields;
};
std::span<const ColumnGroup> column_groups();
inline constexpr std::string_view kDictionaryType = "LowCardinality(String)";

// The field with that identifier, or nullptr.
const FieldColumn* find_column(std::string_view column_name);

using FieldSet = std::bitset<kFieldCount>;

// A path whose values are texts and numbers mixed. They are kept under two keys; `kinds` ('t', 'n') has their order.
struct MixedPath {
  std::string path;
  std::string kinds;
};

// What the structure says of the layout: the fields of the row by their numbers, and what else its columns do not tell.
std::string to_layout(const FieldSet& fields, std::span<const MixedPath> mixed = {});
FieldSet fields_of_layout(std::string_view layout);  // ignores anything it does not know
std::vector<MixedPath> mixed_of_layout(std::string_view layout);

class Vocabulary;

// What the store knows about its own content. It lets a query leave out columns and cases that never occur.
struct Content {
  FieldSet filled;    // fields that some event has
  FieldSet repeated;  // fields of which some event has values in the column `extra_texts`
  AttributeKeys keys;
  bool unnumbered = false;  // some event has attributes without a number, under their names in `extra_keys`
  std::shared_ptr<const Vocabulary> vocabulary = nullptr;  // grows meanwhile; may be absent
  bool has_extra() const { return repeated.any() || unnumbered; }
};

// Columns beside those of fields.
//   batch        see batch_text.h
//   batch_row    the event's place in its batch
//   day          of the last batch of the append call (days since 1970): the partition
//   structure    see structure.h
//   words        values of attributes that come again and again, in the order of their keys, which the structure has
//   texts        those of the other attributes
//   extra_keys, extra_texts  values that do not fit their column, under the field's identifier; and attributes without
//                a number, under their key with a 0x01 before it
//   literals, original   see shape.h
std::string create_events_table();
// The engine keeps no more statistics of an events table of version 4.
std::string leave_out_statistics();
// The filters of ids as they are since version 6. The engine makes them in the background; until then it reads more.
std::vector<std::string> replace_id_filters();
std::string create_names_table();
std::string create_version_table();
std::string add_column(const FieldColumn& column);
std::string add_column(const ColumnGroup& group);

// SQL name of a column.
std::string quote_name(std::string_view column);

}  // namespace sightline::store::clickhouse
