#include "store/clickhouse/structure.h"

#include "store/clickhouse/binary_reader.h"
#include "store/clickhouse/native_column.h"

namespace sightline::store::clickhouse {
namespace {

constexpr char kKeysEnd = '\xff';

bool take_keys(std::string_view& text, std::string_view& keys) {
  const std::size_t end = text.find(kKeysEnd);
  if (end == std::string_view::npos) return false;
  keys = text.substr(0, end);
  text.remove_prefix(end + 1);
  return true;
}

}  // namespace

void write_structure(const Structure& structure, std::string& out) {
  out.clear();
  out += structure.word_keys;
  out += kKeysEnd;
  out += structure.text_keys;
  out += kKeysEnd;
  append_text(out, structure.layout);
  out += structure.shape;
}

bool read_structure(std::string_view text, Structure& structure) {
  structure = {};
  if (!take_keys(text, structure.word_keys) || !take_keys(text, structure.text_keys)) return false;
  BinaryReader reader(text);
  structure.layout = reader.text();
  if (reader.failed()) return false;
  structure.shape = reader.rest();
  return text.size() == varint_size(structure.layout.size()) + structure.layout.size() + structure.shape.size();
}

}  // namespace sightline::store::clickhouse
