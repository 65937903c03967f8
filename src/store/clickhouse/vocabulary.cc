#include "store/clickhouse/vocabulary.h"

#include <fmt/format.h>
#include <string.h>

#include <algorithm>
#include <mutex>

#include "store/clickhouse/schema.h"
#include "store/clickhouse/text_sql.h"

namespace sightline::store::clickhouse {
namespace {

constexpr std::size_t kChunkBytes = 64U << 10;

bool has_part(const std::string& text, std::string_view part) {
  return ::memmem(text.data(), text.size(), part.data(), part.size()) != nullptr;
}

}  // namespace

void Vocabulary::add(std::string_view column_name, std::span<const std::string_view> values) {
  const std::lock_guard lock(mutex_);
  Column& column = columns_[std::string(column_name)];
  for (const std::string_view value : values) {
    if (column.forgotten) return;
    std::string folded = fold_ascii(value);
    if (column.values.contains(folded)) continue;
    column.bytes += folded.size() + 1;
    if (column.bytes > max_bytes_) return forget(column);
    append(column, std::move(folded));
  }
}

// A chunk keeps the room it was made with, so values may be pointed to.
void Vocabulary::append(Column& column, std::string folded) {
  if (column.chunks.empty() || column.chunks.back().capacity() - column.chunks.back().size() <= folded.size()) {
    column.chunks.emplace_back().reserve(std::max(kChunkBytes, folded.size() + 1));
  }
  std::string& chunk = column.chunks.back();
  const std::size_t at = chunk.size();
  chunk += folded;
  chunk += '\n';
  column.values.insert(std::string_view(chunk).substr(at, folded.size()));
}

void Vocabulary::complete(std::string_view column) {
  const std::lock_guard lock(mutex_);
  columns_[std::string(column)].complete = true;
}

void Vocabulary::forget(std::string_view column) {
  const std::lock_guard lock(mutex_);
  forget(columns_[std::string(column)]);
}

void Vocabulary::forget(Column& column) {
  column = Column();
  column.forgotten = true;
}

// A part that would reach from one value into the next is found too, which only costs a look at the column.
bool Vocabulary::may_hold(std::string_view column_name, std::string_view text) const {
  const std::string folded = fold_ascii(text);
  const std::shared_lock lock(mutex_);
  const auto found = columns_.find(column_name);
  if (found == columns_.end() || !found->second.complete || found->second.forgotten || folded.empty()) return true;
  return std::ranges::any_of(found->second.chunks, [&](const std::string& chunk) { return has_part(chunk, folded); });
}

std::size_t Vocabulary::size_bytes(std::string_view column) const {
  const std::shared_lock lock(mutex_);
  const auto found = columns_.find(column);
  return found == columns_.end() ? 0 : found->second.bytes;
}

std::vector<VocabularyColumn> vocabulary_columns() {
  std::vector<VocabularyColumn> columns;
  for (const ColumnGroup& group : column_groups()) {
    columns.push_back({std::string(group.name), std::string(group.name), ""});
  }
  for (const FieldColumn& column : field_columns()) {
    if (column.is_grouped()) continue;
    const std::string name = quote_name(column.name);
    if (column.kind == ColumnKind::dictionary) columns.push_back({std::string(column.name), name, ""});
    if (column.kind == ColumnKind::list) {
      columns.push_back({std::string(column.name), fmt::format("arrayJoin({})", name), ""});
    }
    if (column.kind == ColumnKind::packed_text) {
      columns.push_back({std::string(column.name), name, fmt::format("NOT startsWith({}, '\\x01')", name)});
    }
  }
  columns.push_back({"words", "arrayJoin(words)", ""});
  return columns;
}

}  // namespace sightline::store::clickhouse
