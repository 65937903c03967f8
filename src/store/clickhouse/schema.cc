#include "store/clickhouse/schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_map>

#include "store/clickhouse/batch_text.h"
#include "store/clickhouse/binary_reader.h"
#include "store/clickhouse/native_column.h"

namespace sightline::store::clickhouse {
namespace {

// Texts of which nearly every event has another value: a dictionary would only cost.
constexpr FieldId kManyValues[] = {
    FieldId::arguments,  FieldId::args,        FieldId::proctitle,     FieldId::path,
    FieldId::log,        FieldId::filename,    FieldId::old_filename,  FieldId::socket_path,
    FieldId::object_key, FieldId::request_uri, FieldId::error_message,
};
// The same, and mostly UUIDs or other ids.
constexpr FieldId kIds[] = {FieldId::event_id, FieldId::request_id, FieldId::audit_id, FieldId::duplicate_of};

// What goes together, by the number of combinations. Places are for ever: a field that is new in fields.def may join a
// group, at its end; one that has had a column keeps it, and none leaves a group. Those that telemetry of one source
// fills stand near each other, the most frequent source first.
constexpr FieldId kAction[] = {
    FieldId::event_type,
    FieldId::type,
    FieldId::success,
    FieldId::cloud_provider,
    FieldId::event_name,
    FieldId::event_source,
    FieldId::event_version,
    FieldId::event_type_native,
    FieldId::event_category,
    FieldId::read_only,
    FieldId::management_event,
    FieldId::aws_region,
    FieldId::error_code,
    FieldId::mfa_used,
    FieldId::syscall,
    FieldId::arch,
    FieldId::exit_name,
    FieldId::operation,
    FieldId::result,
    FieldId::protocol,
    FieldId::address_family,
    FieldId::service,
    FieldId::method,
    FieldId::key_type,
    FieldId::program,
    FieldId::facility,
    FieldId::level,
    FieldId::location,
    FieldId::stage,
    FieldId::verb,
    FieldId::object_ref_resource,
    FieldId::object_ref_subresource,
    FieldId::provider,
    FieldId::channel,
    FieldId::partial,
};
constexpr FieldId kActor[] = {
    FieldId::user_identity_type,
    FieldId::user_identity_arn,
    FieldId::user_identity_principal_id,
    FieldId::user_identity_account_id,
    FieldId::user_identity_access_key_id,
    FieldId::user_identity_user_name,
    FieldId::user_identity_invoked_by,
    FieldId::session_issuer_arn,
    FieldId::session_issuer_user_name,
    FieldId::arn_role,
    FieldId::role_session_name,
    FieldId::recipient_account_id,
    FieldId::account_id,
    FieldId::instance_id,
    FieldId::user,
    FieldId::euser,
    FieldId::auser,
    FieldId::tty,
    FieldId::target_user,
    FieldId::user_username,
    FieldId::domain,
    FieldId::sid,
};
constexpr FieldId kClient[] = {FieldId::src_ip, FieldId::source_ip_address, FieldId::user_agent};
constexpr FieldId kHost[] = {
    FieldId::source,    FieldId::agent_id,     FieldId::hostname,        FieldId::instance_type,
    FieldId::image_id,  FieldId::kernel,       FieldId::os_version,      FieldId::availability_zone,
    FieldId::node_name, FieldId::container_id, FieldId::container_image,
};
constexpr FieldId kProcess[] = {FieldId::exe, FieldId::command, FieldId::comm, FieldId::parent_exe};

constexpr std::array<ColumnGroup, 5> kGroups{{
    {"action_group", kAction},
    {"actor_group", kActor},
    {"client_group", kClient},
    {"host_group", kHost},
    {"process_group", kProcess},
}};

constexpr bool is_in(std::span<const FieldId> fields, FieldId field) {
  return std::ranges::find(fields, field) != fields.end();
}

constexpr ColumnKind kind_of(FieldId field, FieldType type, FieldCardinality cardinality) {
  switch (type) {
    case FieldType::time:
    case FieldType::event_id:
      return ColumnKind::member;
    case FieldType::integer:
      return ColumnKind::integer;
    case FieldType::boolean:
      return ColumnKind::boolean;
    case FieldType::text:
      break;
  }
  if (cardinality == FieldCardinality::list)
    return is_in(kManyValues, field) ? ColumnKind::text_list : ColumnKind::list;
  if (is_in(kIds, field)) return ColumnKind::packed_text;
  return is_in(kManyValues, field) ? ColumnKind::text : ColumnKind::dictionary;
}

constexpr std::string_view type_of(FieldId field, ColumnKind kind) {
  switch (kind) {
    case ColumnKind::member:
      return field == FieldId::id ? "" : "Int64";
    case ColumnKind::dictionary:
      return kDictionaryType;
    case ColumnKind::text:
    case ColumnKind::packed_text:
      return "String";
    case ColumnKind::list:
      return "Array(LowCardinality(String))";
    case ColumnKind::text_list:
      return "Array(String)";
    case ColumnKind::integer:
      return "Int64";
    case ColumnKind::boolean:
      return "UInt8";
  }
  return "";
}

constexpr FieldColumn make_column(FieldId field, std::string_view name, FieldType type, FieldCardinality cardinality) {
  const ColumnKind kind = kind_of(field, type, cardinality);
  FieldColumn column{field, kind, name, type_of(field, kind), -1, 0};
  for (std::size_t group = 0; group < kGroups.size(); ++group) {
    const auto found = std::ranges::find(kGroups[group].fields, field);
    if (found == kGroups[group].fields.end()) continue;
    column.group = static_cast<std::int8_t>(group);
    column.place = static_cast<std::uint8_t>(found - kGroups[group].fields.begin());
  }
  return column;
}

constexpr std::array<FieldColumn, kFieldCount> kColumns{{
#define FIELD(number, identifier, name, type, cardinality, group, meaning) \
  make_column(FieldId::identifier, #identifier, FieldType::type, FieldCardinality::cardinality),
#include "event/fields.def"
#undef FIELD
}};

static_assert(std::ranges::all_of(kColumns, [](const FieldColumn& column) {
  return !column.is_grouped() || column.kind == ColumnKind::dictionary || column.kind == ColumnKind::boolean;
}));

constexpr std::string_view kCodec = "CODEC(ZSTD(1))";

// Of every table: an insert is on disk when it returns, and so is what a merge wrote before its sources are removed.
constexpr std::string_view kDurable =
    "fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1, "
    "min_compressed_bytes_to_fsync_after_merge = 1";

// The engine would keep the extremes and a count of distinct values of every column, for joins, which we have none of.
constexpr std::string_view kNoStatistics = "auto_statistics_types = ''";

struct FilteredId {
  std::string_view index;
  std::string_view column;
};
constexpr FilteredId kFilteredIds[] = {{"event_id_index", "event_id"}, {"request_id_index", "request_id"}};

// Looking at a filter costs as much as its bytes, and each wrong hit as much as eight granules (docs/decisions/0047).
std::string filter_of(const FilteredId& id) {
  return fmt::format("{} TYPE bloom_filter(0.001) GRANULARITY 8", id.column);
}

std::string_view codec_of(const FieldColumn& column) {
  if (column.kind == ColumnKind::member) return "CODEC(Delta, ZSTD(1))";
  return kCodec;
}

}  // namespace

const FieldColumn& field_column(FieldId field) { return kColumns.at(static_cast<std::size_t>(field)); }
std::span<const FieldColumn> field_columns() { return kColumns; }
std::span<const ColumnGroup> column_groups() { return kGroups; }

const FieldColumn* find_column(std::string_view column_name) {
  static const auto index = [] {
    std::unordered_map<std::string_view, const FieldColumn*> columns;
    for (const FieldColumn& column : kColumns) columns.emplace(column.name, &column);
    return columns;
  }();
  const auto found = index.find(column_name);
  return found == index.end() ? nullptr : found->second;
}

std::string quote_name(std::string_view column) { return fmt::format("`{}`", column); }

// One byte for the number of bytes that follow with a bit for each field number; then the mixed paths, each as path and
// kinds, with their lengths before them.
std::string to_layout(const FieldSet& fields, std::span<const MixedPath> mixed) {
  std::string layout(2, '\0');
  for (const FieldInfo& field : all_fields()) {
    if (!fields[static_cast<std::size_t>(field.id)]) continue;
    const std::size_t at = 1 + field.number / 8;
    if (layout.size() <= at) layout.resize(at + 1);
    layout[at] = static_cast<char>(static_cast<unsigned char>(layout[at]) | 1U << (field.number % 8));
  }
  layout.front() = static_cast<char>(layout.size() - 1);
  for (const MixedPath& path : mixed) {
    append_text(layout, path.path);
    append_text(layout, path.kinds);
  }
  return layout;
}

FieldSet fields_of_layout(std::string_view layout) {
  FieldSet fields;
  if (layout.empty()) return fields;
  const std::string_view bits = layout.substr(1, static_cast<unsigned char>(layout.front()));
  for (const FieldInfo& field : all_fields()) {
    const std::size_t at = field.number / 8;
    if (at >= bits.size()) continue;
    fields[static_cast<std::size_t>(field.id)] = (static_cast<unsigned char>(bits[at]) >> (field.number % 8) & 1U) != 0;
  }
  return fields;
}

std::vector<MixedPath> mixed_of_layout(std::string_view layout) {
  std::vector<MixedPath> mixed;
  if (layout.empty()) return mixed;
  const std::size_t begin = 1 + static_cast<unsigned char>(layout.front());
  for (BinaryReader reader(layout.substr(std::min(begin, layout.size()))); !reader.at_end();) {
    MixedPath& path = mixed.emplace_back();
    path.path = reader.text();
    path.kinds = reader.text();
  }
  return mixed;
}

std::string create_events_table() {
  std::string sql = fmt::format("CREATE TABLE IF NOT EXISTS {} (\n", kEventsTable);
  for (const FieldColumn& column : kColumns) {
    if (!column.is_stored()) continue;
    sql += fmt::format("  {} {} {},\n", quote_name(column.name), column.type, codec_of(column));
  }
  for (const ColumnGroup& group : kGroups) sql += fmt::format("  {} {} {},\n", group.name, kDictionaryType, kCodec);
  sql += R"(  structure LowCardinality(String) CODEC(ZSTD(1)),
  words Array(LowCardinality(String)) CODEC(ZSTD(1)),
  texts Array(String) CODEC(ZSTD(1)),
  extra_keys Array(LowCardinality(String)) CODEC(ZSTD(1)),
  extra_texts Array(String) CODEC(ZSTD(1)),
  literals Array(String) CODEC(ZSTD(1)),
  original String CODEC(ZSTD(3)),
  batch LowCardinality(String) CODEC(ZSTD(1)),
  batch_row UInt32 CODEC(Delta, ZSTD(1)),
  day Int32 CODEC(Delta, ZSTD(1)),
  INDEX batch_row_index batch_row TYPE minmax GRANULARITY 1,
)";
  for (const FilteredId& id : kFilteredIds) sql += fmt::format("  INDEX {} {},\n", id.index, filter_of(id));
  sql += fmt::format("  INDEX batch_index {} TYPE bloom_filter(0.01) GRANULARITY 1,\n", kBatchIdSql);
  sql += fmt::format("  INDEX batch_number_index {} TYPE minmax GRANULARITY 1\n", kBatchNumberSql);
  sql += R"()
ENGINE = MergeTree
PARTITION BY day
ORDER BY event_time
SETTINGS min_level_for_wide_part = 1, enable_vertical_merge_algorithm = 0, index_granularity = 4096, ratio_of_defaults_for_sparse_serialization = 0.9, )";
  sql += kNoStatistics;
  sql += ", ";
  return sql += kDurable;
}

std::string leave_out_statistics() {
  return fmt::format("ALTER TABLE {} MODIFY SETTING {}", kEventsTable, kNoStatistics);
}

std::vector<std::string> replace_id_filters() {
  std::vector<std::string> statements;
  for (const FilteredId& id : kFilteredIds) {
    statements.push_back(fmt::format("ALTER TABLE {} DROP INDEX IF EXISTS {}", kEventsTable, id.index));
    statements.push_back(fmt::format("ALTER TABLE {} ADD INDEX {} {}", kEventsTable, id.index, filter_of(id)));
    statements.push_back(fmt::format("ALTER TABLE {} MATERIALIZE INDEX {}", kEventsTable, id.index));
  }
  return statements;
}

std::string add_column(const FieldColumn& column) {
  return fmt::format("ALTER TABLE {} ADD COLUMN IF NOT EXISTS {} {} {}", kEventsTable, quote_name(column.name),
                     column.type, codec_of(column));
}

std::string add_column(const ColumnGroup& group) {
  return fmt::format("ALTER TABLE {} ADD COLUMN IF NOT EXISTS {} {} {}", kEventsTable, group.name, kDictionaryType,
                     kCodec);
}

// kind        name                 number
// filled      column of a field    the field's number
// repeated    column of a field    the field's number
// key         attribute key        its number
// words, texts, several  ''        number of a key, see AttributeKey
// unnumbered  ''                   0: see Content
std::string create_names_table() {
  return fmt::format(
      "CREATE TABLE IF NOT EXISTS {} (kind LowCardinality(String), name String, number UInt32) "
      "ENGINE = ReplacingMergeTree ORDER BY (kind, name, number) SETTINGS {}",
      kNamesTable, kDurable);
}

std::string create_version_table() {
  return fmt::format(
      "CREATE TABLE IF NOT EXISTS {} (version UInt32, at DateTime) ENGINE = MergeTree ORDER BY version SETTINGS {}",
      kVersionTable, kDurable);
}

}  // namespace sightline::store::clickhouse
