#include "store/clickhouse/embedded/names_check.h"

#include <fmt/format.h>

#include <utility>

#include "store/clickhouse/binary_reader.h"
#include "store/clickhouse/embedded/names.h"
#include "store/clickhouse/schema.h"
#include "store/clickhouse/stored_value.h"
#include "store/clickhouse/structure.h"
#include "store/clickhouse/value_sql.h"

namespace sightline::store::clickhouse {
namespace {

constexpr std::string_view kRows = "RowBinary";

// What rows have of one attribute key.
struct KeyUse {
  std::uint32_t number = 0;
  bool several = false;
};

// What is in the columns, as far as names speak of it.
struct Found {
  FieldSet filled;
  FieldSet repeated;
  std::vector<KeyUse> words;
  std::vector<KeyUse> texts;
  bool unnumbered = false;
};

Result<void> find_filled(Connection& connection, FieldSet& filled) {
  std::vector<FieldId> fields;
  std::string counts;
  for (const FieldColumn& column : field_columns()) {
    if (column.kind == ColumnKind::member) continue;
    counts += fmt::format("{}countIf({})", fields.empty() ? "" : ", ", is_filled(column));
    fields.push_back(column.field);
  }
  const Result<QueryOutput> output = connection.query(fmt::format("SELECT {} FROM {}", counts, kEventsTable), kRows);
  if (!output) return std::unexpected(output.error());
  BinaryReader row(output->bytes);
  for (const FieldId field : fields) {
    if (row.integer<std::uint64_t>() > 0) filled.set(static_cast<std::size_t>(field));
  }
  return {};
}

// The keys of words or of texts, of which there are few distinct texts. A key with a + stands behind another of the
// same.
Result<std::vector<KeyUse>> find_keys(Connection& connection, std::string_view keys_sql) {
  const std::string sql = fmt::format(
      "SELECT DISTINCT arrayJoin(arrayMap(i -> concat(substring(k, {0} * i + 1, {0}), if(i > 0 AND "
      "substring(k, {0} * i + 1, {0}) = substring(k, {0} * (i - 1) + 1, {0}), '+', '')), "
      "range(intDiv(length(k), {0})))) FROM (SELECT DISTINCT toString({1}) AS k FROM {2})",
      kKeyBytes, keys_sql, kEventsTable);
  const Result<QueryOutput> output = connection.query(sql, kRows);
  if (!output) return std::unexpected(output.error());
  std::vector<KeyUse> keys;
  for (BinaryReader rows(output->bytes); !rows.at_end();) {
    const std::string_view text = rows.text();
    keys.push_back({key_number(text.substr(0, kKeyBytes)), text.ends_with('+') && text.size() > kKeyBytes});
  }
  return keys;
}

Result<void> find_extra(Connection& connection, Found& found) {
  const Result<QueryOutput> output =
      connection.query(fmt::format("SELECT DISTINCT toString(arrayJoin(extra_keys)) FROM {}", kEventsTable), kRows);
  if (!output) return std::unexpected(output.error());
  for (BinaryReader rows(output->bytes); !rows.at_end();) {
    const std::string_view key = rows.text();
    if (key.starts_with(kExtraAttributeMark)) found.unnumbered = true;
    if (const FieldColumn* column = find_column(key)) found.repeated.set(static_cast<std::size_t>(column->field));
  }
  return {};
}

Result<Found> find_all(Connection& connection) {
  Found found;
  if (Result<void> done = find_filled(connection, found.filled); !done) return std::unexpected(done.error());
  for (const auto& [column, keys] : {std::pair(kWordKeysSql, &found.words), std::pair(kTextKeysSql, &found.texts)}) {
    Result<std::vector<KeyUse>> read = find_keys(connection, column);
    if (!read) return std::unexpected(read.error());
    *keys = std::move(*read);
  }
  if (Result<void> done = find_extra(connection, found); !done) return std::unexpected(done.error());
  return found;
}

class Comparison {
 public:
  explicit Comparison(const Content& content) : content_(content) {}

  void fields(const FieldSet& found, const FieldSet& known, std::string_view what) {
    for (const FieldColumn& column : field_columns()) {
      const auto at = static_cast<std::size_t>(column.field);
      if (found[at] && !known[at]) add("events have {} of {}, which it does not say", what, column.name);
    }
  }
  void keys(const std::vector<KeyUse>& found, bool AttributeKey::* known, std::string_view column) {
    for (const KeyUse& use : found) {
      if (!is_named(use.number)) {
        add("events have attributes of number {}, which it does not name", use.number);
        continue;
      }
      const AttributeKey& key = content_.keys[use.number];
      const std::string path(from_attribute_key(key.name).path);
      if (!(key.*known)) add("values of {} stand in the column {}, which it does not say", path, column);
      if (use.several && !key.repeated) add("events have several values of {}, which it does not say", path);
    }
  }
  void unnumbered(bool found) {
    if (found && !content_.unnumbered) add("events have attributes without a number, which it does not say");
  }
  // Every number has a name of its own, in the form that searches look for.
  void names() {
    std::string scratch;
    for (std::uint32_t number = 0; number < content_.keys.size(); ++number) {
      if (!is_named(number)) continue;
      const std::string& name = content_.keys[number].name;
      const AttributeName parts = from_attribute_key(name);
      if (to_attribute_key(parts.path, parts.kind, scratch) != name) {
        add("the path {} has another form than it is written in", std::string(parts.path));
      } else if (content_.keys.find(name) != number) {
        add("the path {} has two numbers", std::string(parts.path));
      }
    }
  }
  void add_line(std::string line) { lines_.push_back(std::move(line)); }
  std::vector<std::string> take() { return std::move(lines_); }

 private:
  // A number between others may have no name; one has the empty name.
  bool is_named(std::uint32_t number) const {
    if (number >= content_.keys.size()) return false;
    return !content_.keys[number].name.empty() || content_.keys.find("") == number;
  }
  template <class... Values>
  void add(fmt::format_string<const Values&...> text, const Values&... values) {
    lines_.push_back("the table of names: " + fmt::format(text, values...));
  }

  const Content& content_;
  std::vector<std::string> lines_;
};

// The rest of what a table row can contradict another in.
Result<std::uint64_t> count_numbers_with_two_names(Connection& connection) {
  const Result<QueryOutput> output = connection.query(
      fmt::format("SELECT count() FROM (SELECT number FROM {} WHERE kind = 'key' GROUP BY number HAVING "
                  "uniqExact(name) > 1)",
                  kNamesTable),
      kRows);
  if (!output) return std::unexpected(output.error());
  return BinaryReader(output->bytes).integer<std::uint64_t>();
}

}  // namespace

// Rows first: names come before the rows that need them.
Result<std::vector<std::string>> find_missing_names(Connection& connection, std::size_t max_keys) {
  const Result<Found> found = find_all(connection);
  if (!found) return std::unexpected(found.error());
  const Result<std::uint64_t> doubled = count_numbers_with_two_names(connection);
  if (!doubled) return std::unexpected(doubled.error());
  Names names(max_keys);
  if (Result<void> loaded = names.load(connection); !loaded) return std::unexpected(loaded.error());
  const auto content = names.content();
  Comparison comparison(*content);
  comparison.fields(found->filled, content->filled, "values");
  comparison.fields(found->repeated, content->repeated, "further values");
  comparison.keys(found->words, &AttributeKey::in_words, "words");
  comparison.keys(found->texts, &AttributeKey::in_texts, "texts");
  comparison.unnumbered(found->unnumbered);
  comparison.names();
  if (*doubled > 0) comparison.add_line(fmt::format("the table of names: {} numbers have two paths each", *doubled));
  return comparison.take();
}

}  // namespace sightline::store::clickhouse
