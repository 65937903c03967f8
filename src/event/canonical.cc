#include "event/canonical.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

namespace sightline {
namespace {

constexpr char kVersion = 1;

void append_u64(std::string& out, std::uint64_t value) {
  std::array<char, 8> bytes;
  for (char& byte : bytes) {
    byte = static_cast<char>(value & 0xff);
    value >>= 8;
  }
  out.append(bytes.data(), bytes.size());
}

void append_size(std::string& out, std::size_t value) {
  while (value >= 0x80) {
    out += static_cast<char>(value | 0x80);
    value >>= 7;
  }
  out += static_cast<char>(value);
}

void append_text(std::string& out, std::string_view text) {
  append_size(out, text.size());
  out += text;
}

bool name_less(std::string_view left, std::string_view right) {
  if (left.size() != right.size()) return left.size() < right.size();
  return std::memcmp(left.data(), right.data(), left.size()) < 0;
}

// By FieldId, the field's position in the order of names.
std::array<std::uint8_t, kFieldCount> make_ranks() {
  std::array<std::uint8_t, kFieldCount> order;
  for (std::size_t i = 0; i < kFieldCount; ++i) order[i] = static_cast<std::uint8_t>(i);
  std::ranges::sort(order, name_less, [](std::uint8_t id) { return all_fields()[id].name; });
  std::array<std::uint8_t, kFieldCount> ranks;
  for (std::size_t i = 0; i < kFieldCount; ++i) ranks[order[i]] = static_cast<std::uint8_t>(i);
  return ranks;
}

void append_field(std::string& out, const FieldValue& value) {
  const FieldInfo& info = field_info(value.field);
  append_text(out, info.name);
  if (info.type == FieldType::text || info.type == FieldType::event_id) {
    out += 't';
    append_text(out, value.text);
  } else {
    out += 'i';
    append_u64(out, static_cast<std::uint64_t>(value.integer));
  }
}

void append_fields(std::string& out, const Event& event) {
  static const std::array<std::uint8_t, kFieldCount> kRanks = make_ranks();
  // Rank above position: sorting these numbers keeps the order of equal fields.
  std::vector<std::uint64_t> order;
  order.reserve(event.fields().size());
  for (std::size_t i = 0; i < event.fields().size(); ++i) {
    order.push_back(std::uint64_t{kRanks[static_cast<std::size_t>(event.fields()[i].field)]} << 32 | i);
  }
  std::ranges::sort(order);
  append_size(out, order.size());
  for (const std::uint64_t entry : order) append_field(out, event.fields()[entry & UINT32_MAX]);
}

void append_attributes(std::string& out, const Event& event) {
  std::vector<const Attribute*> order;
  order.reserve(event.attributes().size());
  for (const Attribute& attribute : event.attributes()) order.push_back(&attribute);
  // Attributes lie in one vector, so addresses keep the order of equal paths.
  std::ranges::sort(order, [](const Attribute* left, const Attribute* right) {
    if (left->path.size() != right->path.size()) return left->path.size() < right->path.size();
    const int compared = std::memcmp(left->path.data(), right->path.data(), left->path.size());
    return compared != 0 ? compared < 0 : left < right;
  });
  append_size(out, order.size());
  for (const Attribute* attribute : order) {
    append_text(out, attribute->path);
    out += attribute->kind == Attribute::Kind::number ? 'n' : 't';
    append_text(out, attribute->text);
  }
}

}  // namespace

void append_canonical(std::string& out, const Event& event) {
  out += kVersion;
  out.append(event.id.begin(), event.id.end());
  append_u64(out, static_cast<std::uint64_t>(event.event_time_ms));
  append_u64(out, static_cast<std::uint64_t>(event.received_time_ms));
  append_fields(out, event);
  append_attributes(out, event);
  append_text(out, event.original);
}

}  // namespace sightline
