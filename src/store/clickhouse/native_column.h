// Builders of columns in ClickHouse's Native format: one block, column after column.
#pragma once

#include <cstdint>
#include <memory>
#include <memory_resource>
#include <string>
#include <string_view>
#include <vector>

namespace sightline::store::clickhouse {

void append_varint(std::string& out, std::uint64_t value);
// The text with its length before it.
void append_text(std::string& out, std::string_view text);
constexpr std::size_t varint_size(std::uint64_t value) {
  std::size_t size = 1;
  for (; value >= 0x80; value >>= 7U) ++size;
  return size;
}
template <class Integer>
void append_fixed(std::string& out, Integer value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);  // the format is little-endian, as are our machines
}

// String: lengths and bytes.
class StringColumn {
 public:
  void add(std::string_view value);
  // Adds defaults until there are `rows`.
  void pad(std::size_t rows);
  std::size_t rows() const { return rows_; }
  void finish(std::string& out) const { out += bytes_; }

 private:
  std::string bytes_;
  std::size_t rows_ = 0;
};

// Int64, UInt8, …
template <class Number>
class NumberColumn {
 public:
  void add(Number value) { values_.push_back(value); }
  void pad(std::size_t rows) { values_.resize(rows); }
  std::size_t rows() const { return values_.size(); }
  void finish(std::string& out) const {
    out.append(reinterpret_cast<const char*>(values_.data()), values_.size() * sizeof(Number));
  }

 private:
  std::vector<Number> values_;
};

// LowCardinality(String): the distinct values once, and an index a row. Copies what it keeps.
class DictionaryColumn {
 public:
  DictionaryColumn();
  // True where the value is new to the dictionary.
  bool add(std::string_view value);
  // The key of the last row, of which there is one.
  std::uint32_t last() const { return indexes_.back(); }
  // Adds a value by its key, without looking it up.
  void add_key(std::uint32_t key) { indexes_.push_back(key); }
  void pad(std::size_t rows) { indexes_.resize(rows); }
  std::size_t rows() const { return indexes_.size(); }
  // Key 0 is the default, the empty text.
  const std::vector<std::string_view>& keys() const { return keys_; }
  // The prefix comes before everything else of the column, also where it is inside an array.
  static void prefix(std::string& out);
  void finish(std::string& out) const;

 private:
  struct Slot {
    std::uint64_t hash = 0;
    std::uint32_t key = 0;  // 0: free, because key 0 is the default and never looked up
  };
  std::uint32_t insert(std::string_view value, std::uint64_t hash);
  void grow();

  std::vector<Slot> slots_;
  std::vector<std::string_view> keys_;
  std::vector<std::uint32_t> indexes_;
  std::unique_ptr<std::pmr::monotonic_buffer_resource> memory_;
};

// Array(Element).
template <class Element>
class ArrayColumn {
 public:
  Element& elements() { return elements_; }
  const Element& elements() const { return elements_; }
  // Ends the row: what was added to elements() since the last row belongs to it.
  void end_row() { offsets_.push_back(elements_.rows()); }
  void pad(std::size_t rows) {
    while (offsets_.size() < rows) offsets_.push_back(offsets_.empty() ? 0 : offsets_.back());
  }
  std::size_t rows() const { return offsets_.size(); }
  void finish(std::string& out) const {
    if constexpr (requires { Element::prefix(out); }) Element::prefix(out);
    out.append(reinterpret_cast<const char*>(offsets_.data()), offsets_.size() * sizeof(std::uint64_t));
    if (elements_.rows() > 0) elements_.finish(out);
  }

 private:
  std::vector<std::uint64_t> offsets_;
  Element elements_;
};

}  // namespace sightline::store::clickhouse
