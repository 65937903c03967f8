// Which values the dictionary columns of the store have: a search for a text that none of them has need not read them.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace sightline::store::clickhouse {

// Knowing values that no row has any more does no harm. Thread-safe.
class Vocabulary {
 public:
  static constexpr std::size_t kMaxBytes = 8U << 20;
  // Of a column whose different values take more bytes than that nothing is known.
  explicit Vocabulary(std::size_t max_bytes = kMaxBytes) : max_bytes_(max_bytes) {}

  // Values in stored form. Call it before rows with them are inserted.
  void add(std::string_view column, std::span<const std::string_view> values);
  // From now on all values of the column have been added.
  void complete(std::string_view column);
  // Nothing is known of the column from now on.
  void forget(std::string_view column);

  // False where no value of the column has the text as a part, upper and lower case of ASCII letters being one.
  bool may_hold(std::string_view column, std::string_view text) const;
  // What may_hold() has to look at.
  std::size_t size_bytes(std::string_view column) const;

 private:
  struct Column {
    std::deque<std::string> chunks;  // folded values one behind the other; none moves once it is there
    std::unordered_set<std::string_view> values;
    std::size_t bytes = 0;
    bool complete = false;
    bool forgotten = false;
  };
  static void append(Column& column, std::string folded);
  static void forget(Column& column);

  std::size_t max_bytes_;
  mutable std::shared_mutex mutex_;
  std::map<std::string, Column, std::less<>> columns_;
};

// A column that a vocabulary is kept of.
struct VocabularyColumn {
  std::string name;
  std::string values_sql;  // its values, or those of them that count
  std::string where_sql;   // of the rows that have some; empty: all
};
// Columns of dictionaries; of ids that are mostly UUIDs the texts that are none, where there are few.
std::vector<VocabularyColumn> vocabulary_columns();

}  // namespace sightline::store::clickhouse
