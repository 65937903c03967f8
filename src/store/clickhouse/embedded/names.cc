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

constexpr std::string_view kFilled = "f";
constexpr std::string_view kRepeated = "r";
constexpr std::string_view kAttribute = "p";

// New rows of the table.
class NewNames {
 public:
  void add(std::string_view kind, std::string_view name) {
    append_varint(rows_, kind.size());
    rows_ += kind;
    append_varint(rows_, name.size());
    rows_ += name;
  }
  void add_new(std::string_view kind, const FieldSet& fields, FieldSet& known) {
    const FieldSet fresh = fields & ~known;
    for (const FieldColumn& column : field_columns()) {
      if (fresh[static_cast<std::size_t>(column.field)]) add(kind, column.name);
    }
    known |= fields;
  }
  const std::string& rows() const { return rows_; }

 private:
  std::string rows_;
};

}  // namespace

Result<void> Names::load(Connection& connection) {
  const Result<QueryOutput> output =
      connection.query(fmt::format("SELECT kind, name FROM {}", kNamesTable), "RowBinary");
  if (!output) return std::unexpected(output.error());
  Content content;
  for (BinaryReader reader(output->bytes); !reader.at_end();) {
    const std::string_view kind = reader.text();
    const std::string_view name = reader.text();
    if (kind == kAttribute) {
      content.attribute_keys.emplace(name);
    } else if (const FieldColumn* column = find_column(name)) {
      (kind == kFilled ? content.filled : content.repeated).set(static_cast<std::size_t>(column->field));
    }
  }
  publish(std::move(content));
  return {};
}

Result<void> Names::learn(Connection& connection, const EncodedBlock& block) {
  const std::shared_ptr<const Content> known = content();
  std::vector<std::string_view> keys;
  for (const std::string& key : block.attribute_keys) {
    const bool has_room = known->attribute_keys.size() + keys.size() < kMaxAttributeKeys;
    if (has_room && !known->attribute_keys.contains(key)) keys.push_back(key);
  }
  const bool same_fields = (block.filled & ~known->filled).none() && (block.repeated & ~known->repeated).none();
  if (keys.empty() && same_fields) return {};
  Content content = *known;
  NewNames names;
  names.add_new(kFilled, block.filled, content.filled);
  names.add_new(kRepeated, block.repeated, content.repeated);
  for (const std::string_view key : keys) {
    names.add(kAttribute, key);
    content.attribute_keys.emplace(key);
  }
  const std::array<std::string_view, 1> blocks{names.rows()};
  if (Result<void> done =
          connection.insert(fmt::format("INSERT INTO {} (kind, name)", kNamesTable), "RowBinary", blocks);
      !done) {
    return done;
  }
  publish(std::move(content));
  return {};
}

std::shared_ptr<const Content> Names::content() const {
  const std::lock_guard lock(mutex_);
  return content_;
}

std::vector<std::string> Names::attribute_paths() const {
  std::vector<std::string> paths;
  const std::shared_ptr<const Content> known = content();  // kept while it is walked: learn() may replace it
  for (const std::string& key : known->attribute_keys) paths.emplace_back(from_attribute_key(key).path);
  std::ranges::sort(paths);
  const auto repeated = std::ranges::unique(paths);
  paths.erase(repeated.begin(), repeated.end());
  return paths;
}

void Names::publish(Content content) {
  auto snapshot = std::make_shared<const Content>(std::move(content));
  const std::lock_guard lock(mutex_);
  content_ = std::move(snapshot);
}

}  // namespace sightline::store::clickhouse
