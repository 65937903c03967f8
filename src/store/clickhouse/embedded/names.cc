#include "store/clickhouse/embedded/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "store/clickhouse/native_column.h"
#include "store/clickhouse/row_reader.h"
#include "store/clickhouse/stored_value.h"

namespace sightline::store::clickhouse {
namespace {

constexpr std::string_view kFilled = "filled";
constexpr std::string_view kRepeated = "repeated";
constexpr std::string_view kKey = "key";
constexpr std::string_view kWords = "words";
constexpr std::string_view kTexts = "texts";
constexpr std::string_view kSeveral = "several";
constexpr std::string_view kUnnumbered = "unnumbered";

// New rows of the table.
class NewNames {
 public:
  void add(std::string_view kind, std::string_view name, std::uint32_t number) {
    append_text(rows_, kind);
    append_text(rows_, name);
    append_fixed(rows_, number);
  }
  void add_fields(std::string_view kind, const FieldSet& fields, const FieldSet& known) {
    for (const FieldColumn& column : field_columns()) {
      const auto at = static_cast<std::size_t>(column.field);
      if (fields[at] && !known[at]) add(kind, column.name, field_info(column.field).number);
    }
  }
  void add_key(std::uint32_t number, const AttributeKey& key, const AttributeKey* known) {
    if (known == nullptr) add(kKey, key.name, number);
    const AttributeKey none;
    const AttributeKey& before = known == nullptr ? none : *known;
    if (key.in_words && !before.in_words) add(kWords, "", number);
    if (key.in_texts && !before.in_texts) add(kTexts, "", number);
    if (key.repeated && !before.repeated) add(kSeveral, "", number);
  }
  const std::string& rows() const { return rows_; }

 private:
  std::string rows_;
};

// A field that is gone, or has another number than when its values were stored, would make rows mean something else.
Result<void> restore_field(FieldSet& fields, std::string_view name, std::uint32_t number) {
  const FieldColumn* column = find_column(name);
  if (column == nullptr || field_info(column->field).number != number) {
    return fail(ErrorCode::conflict,
                fmt::format("the event store has values of a field {} with the number {}, which this program does not "
                            "know: start the program that wrote them, or a newer one",
                            name, number));
  }
  fields.set(static_cast<std::size_t>(column->field));
  return {};
}

Result<void> restore(Content& content, std::string_view kind, std::string_view name, std::uint32_t number) {
  if (kind == kFilled || kind == kRepeated) {
    return restore_field(kind == kFilled ? content.filled : content.repeated, name, number);
  }
  if (kind == kKey) {
    if (content.keys.restore(number, name)) return {};
    return fail(ErrorCode::corrupt, "the event store numbers more attribute paths than it may");
  }
  if (kind == kUnnumbered) {
    content.unnumbered = true;
  } else if (number < content.keys.size()) {
    AttributeKey& key = content.keys[number];
    (kind == kWords ? key.in_words : kind == kTexts ? key.in_texts : key.repeated) = true;
  }
  return {};
}

}  // namespace

Result<void> Names::load(Connection& connection) {
  // Keys first: the rows after them refer to their numbers.
  const Result<QueryOutput> output = connection.query(
      fmt::format("SELECT kind, name, number FROM {} ORDER BY kind != '{}', number", kNamesTable, kKey), "RowBinary");
  if (!output) return std::unexpected(output.error());
  Content content{.filled = {}, .repeated = {}, .keys = AttributeKeys(max_keys_)};
  for (BinaryReader reader(output->bytes); !reader.at_end();) {
    const std::string_view kind = reader.text();
    const std::string_view name = reader.text();
    const auto number = reader.integer<std::uint32_t>();
    if (Result<void> restored = restore(content, kind, name, number); !restored) return restored;
  }
  publish(std::move(content));
  return {};
}

Result<void> Names::learn(Connection& connection, const EncodedBlock& block, const AttributeKeys& keys) {
  const std::shared_ptr<const Content> known = content();
  NewNames names;
  names.add_fields(kFilled, block.filled, known->filled);
  names.add_fields(kRepeated, block.repeated, known->repeated);
  for (std::uint32_t number = 0; number < keys.size(); ++number) {
    names.add_key(number, keys[number], number < known->keys.size() ? &known->keys[number] : nullptr);
  }
  if (block.unnumbered > 0 && !known->unnumbered) names.add(kUnnumbered, "", 0);
  if (names.rows().empty()) return {};
  const std::array<std::string_view, 1> blocks{names.rows()};
  if (Result<void> done =
          connection.insert(fmt::format("INSERT INTO {} (kind, name, number)", kNamesTable), "RowBinary", blocks);
      !done) {
    return done;
  }
  publish({.filled = known->filled | block.filled,
           .repeated = known->repeated | block.repeated,
           .keys = keys,
           .unnumbered = known->unnumbered || block.unnumbered > 0});
  return {};
}

std::shared_ptr<const Content> Names::content() const {
  const std::lock_guard lock(mutex_);
  return content_;
}

std::vector<std::string> Names::attribute_paths() const {
  std::vector<std::string> paths;
  const std::shared_ptr<const Content> known = content();
  for (std::uint32_t i = 0; i < known->keys.size(); ++i)
    paths.emplace_back(from_attribute_key(known->keys[i].name).path);
  std::ranges::sort(paths);
  const auto repeated = std::ranges::unique(paths);
  paths.erase(repeated.begin(), repeated.end());
  return paths;
}

void Names::publish(Content content) {
  content.vocabulary = vocabulary_;
  auto snapshot = std::make_shared<const Content>(std::move(content));
  const std::lock_guard lock(mutex_);
  content_ = std::move(snapshot);
}

}  // namespace sightline::store::clickhouse
