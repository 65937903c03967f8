#include "store/clickhouse/embedded/content_loader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/clickhouse/batch_text.h"
#include "store/clickhouse/binary_reader.h"

namespace sightline::store::clickhouse {
namespace {

// More different values a day are not asked for: they would not fit.
constexpr std::size_t kMaxValues = 200'000;

bool is_filled(const Content& content, std::string_view column) {
  const auto has = [&](FieldId field) { return content.filled[static_cast<std::size_t>(field)]; };
  if (const FieldColumn* field = find_column(column)) return has(field->field);
  const auto group = std::ranges::find(column_groups(), column, &ColumnGroup::name);
  return group == column_groups().end() ? content.keys.size() > 0 : std::ranges::any_of(group->fields, has);
}

std::vector<VocabularyColumn> columns_to_read(const Content& content) {
  std::vector<VocabularyColumn> columns = vocabulary_columns();
  std::erase_if(columns, [&](const VocabularyColumn& column) { return !is_filled(content, column.name); });
  return columns;
}

void complete_all(Vocabulary& vocabulary) {
  for (const VocabularyColumn& column : vocabulary_columns()) vocabulary.complete(column.name);
}

Result<void> read_column(Connection& connection, std::int32_t day, const VocabularyColumn& column,
                         Vocabulary& vocabulary, const std::stop_token& stop) {
  const std::string also = column.where_sql.empty() ? "" : " AND " + column.where_sql;
  const Result<QueryOutput> output =
      connection.query(fmt::format("SELECT DISTINCT {} FROM {} WHERE day = {}{} LIMIT {} "
                                   "SETTINGS max_threads = 1, local_filesystem_read_method = 'pread'",
                                   column.values_sql, kEventsTable, day, also, kMaxValues + 1),
                       "RowBinary", stop, 2 * Vocabulary::kMaxBytes);
  if (!output) {
    if (output.error().code != ErrorCode::too_large) return std::unexpected(output.error());
    vocabulary.forget(column.name);
    return {};
  }
  std::vector<std::string_view> values;
  BinaryReader reader(output->bytes);
  while (!reader.at_end() && !reader.failed()) values.push_back(reader.text());
  if (reader.failed()) return fail(ErrorCode::corrupt, "the engine's answer ends within a value");
  if (values.size() > kMaxValues) {
    vocabulary.forget(column.name);
  } else {
    vocabulary.add(column.name, values);
  }
  return {};
}

}  // namespace

Result<void> load_vocabulary(Connection& connection, const Content& content, Vocabulary& vocabulary,
                             const std::stop_token& stop) {
  const std::vector<VocabularyColumn> columns = columns_to_read(content);
  const Result<QueryOutput> output = connection.query(
      fmt::format("SELECT DISTINCT toInt32(partition) FROM system.parts WHERE active AND database = '{}' AND table = "
                  "'events'",
                  kDatabase),
      "RowBinary");
  if (!output) return std::unexpected(output.error());
  for (BinaryReader days(output->bytes); !days.at_end();) {
    const auto day = days.integer<std::int32_t>();
    for (const VocabularyColumn& column : columns) {
      if (Result<void> read = read_column(connection, day, column, vocabulary, stop); !read) return read;
    }
  }
  complete_all(vocabulary);
  return {};
}

Result<std::uint64_t> load_newest_batch(Connection& connection, const std::stop_token& stop) {
  const Result<QueryOutput> output =
      connection.query(fmt::format("SELECT max({}) FROM {} SETTINGS max_threads = 1", kBatchNumberSql, kEventsTable),
                       "RowBinary", stop, 1000);
  if (!output) return std::unexpected(output.error());
  BinaryReader reader(output->bytes);
  const auto newest = reader.integer<std::uint64_t>();
  if (reader.failed()) return fail(ErrorCode::corrupt, "the engine's answer ends within a row");
  return newest;
}

ContentLoader::ContentLoader(std::unique_ptr<Connection> connection, std::shared_ptr<const Content> content,
                             Vocabulary& vocabulary, NewestBatch& newest)
    : connection_(std::move(connection)), content_(std::move(content)), vocabulary_(vocabulary), newest_(newest) {
  const Result<QueryOutput> rows = connection_->query(fmt::format("SELECT count() FROM {}", kEventsTable), "RowBinary");
  if (!rows) return;
  BinaryReader reader(rows->bytes);
  if (reader.integer<std::uint64_t>() > 0 || reader.failed()) return;
  std::call_once(started_, [this] {
    newest_.set_opened(0);
    complete_all(vocabulary_);
  });
}

void ContentLoader::start() {
  std::call_once(started_, [this] {
    thread_ = std::jthread([this](const std::stop_token& stop) {
      // An error leaves the rest unknown.
      [[maybe_unused]] const Result<void> done = load(stop);
    });
  });
}

Result<void> ContentLoader::load(const std::stop_token& stop) {
  const Result<std::uint64_t> newest = load_newest_batch(*connection_, stop);
  if (!newest) return std::unexpected(newest.error());
  newest_.set_opened(*newest);
  return load_vocabulary(*connection_, *content_, vocabulary_, stop);
}

}  // namespace sightline::store::clickhouse
