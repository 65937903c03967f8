#include "store/clickhouse/batch_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/hash.h"
#include "store/clickhouse/binary_reader.h"
#include "store/clickhouse/native_column.h"

namespace sightline::store::clickhouse {
namespace {

template <class Bytes>
void append_bytes(std::string& out, const Bytes& bytes) {
  out.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

}  // namespace

std::string to_batch_text(const BatchHeader& header) {
  std::string text;
  append_bytes(text, make_batch_id(header.key));
  append_fixed(text, header.number);
  append_bytes(text, header.body_hash);
  append_fixed(text, header.key.epoch);
  append_fixed(text, header.key.sequence);
  append_text(text, header.format);
  append_text(text, header.key.principal);
  append_text(text, header.key.source);
  return text;
}

bool read_batch_text(std::string_view text, BatchHeader& header) {
  BinaryReader reader(text);
  reader.fixed(BatchId{}.size());
  header.number = reader.integer<std::uint64_t>();
  std::ranges::transform(reader.fixed(header.body_hash.size()), header.body_hash.begin(),
                         [](char c) { return static_cast<std::uint8_t>(c); });
  header.key.epoch = reader.integer<std::uint64_t>();
  header.key.sequence = reader.integer<std::uint64_t>();
  header.format = reader.text();
  header.key.principal = reader.text();
  header.key.source = reader.text();
  return !reader.failed() && reader.at_end();
}

BatchId batch_id_of_text(std::string_view text) {
  BatchId id{};
  std::ranges::transform(text.substr(0, id.size()), id.begin(), [](char c) { return static_cast<std::uint8_t>(c); });
  return id;
}

std::string quote_batch_id(const BatchId& id) { return fmt::format("unhex('{}')", to_hex(id)); }

}  // namespace sightline::store::clickhouse
