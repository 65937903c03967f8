#include "event/canonical.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

namespace sightline {
namespace {

constexpr char kVersion = 1;

constexpr std::size_t kMaxSizeBytes = 10;  // of a LEB128 number of 64 bits

// Writes behind one another into memory that is known to suffice: hashing every event has to be cheap.
class Writer {
 public:
  explicit Writer(char* end) : end_(end) {}

  void byte(char value) { *end_++ = value; }

  void bytes(const void* data, std::size_t size) {
    std::memcpy(end_, data, size);
    end_ += size;
  }

  void u64(std::uint64_t value) {
    for (int i = 0; i < 8; ++i, value >>= 8) byte(static_cast<char>(value & 0xff));
  }

  void size(std::size_t value) {
    for (; value >= 0x80; value >>= 7) byte(static_cast<char>(value | 0x80));
    byte(static_cast<char>(value));
  }

  void text(std::string_view value) {
    size(value.size());
    if (!value.empty()) bytes(value.data(), value.size());
  }

  char* end() const { return end_; }

 private:
  char* end_;
};

bool name_less(std::string_view left, std::string_view right) {
  if (left.size() != right.size()) return left.size() < right.size();
  return left < right;
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

bool is_text(const FieldInfo& info) { return info.type == FieldType::text || info.type == FieldType::event_id; }

std::size_t largest_size(const Event& event) {
  constexpr std::size_t kTimes = 2 * sizeof(std::uint64_t);
  std::size_t size = 1 + event.id.size() + kTimes + 3 * kMaxSizeBytes + event.original.size();
  for (const FieldValue& value : event.fields()) {
    size += field_info(value.field).name.size() + 2 * kMaxSizeBytes + 1 + sizeof(std::uint64_t) + value.text.size();
  }
  for (const Attribute& attribute : event.attributes()) {
    size += attribute.path.size() + 2 * kMaxSizeBytes + 1 + attribute.text.size();
  }
  return size;
}

void write_fields(Writer& out, const Event& event) {
  static const std::array<std::uint8_t, kFieldCount> ranks = make_ranks();
  // Rank above position: sorting these numbers keeps the order of equal fields.
  std::vector<std::uint64_t> order;
  order.reserve(event.fields().size());
  for (std::size_t i = 0; i < event.fields().size(); ++i) {
    order.push_back(std::uint64_t{ranks[static_cast<std::size_t>(event.fields()[i].field)]} << 32 | i);
  }
  std::ranges::sort(order);
  out.size(order.size());
  for (const std::uint64_t entry : order) {
    const FieldValue& value = event.fields()[entry & UINT32_MAX];
    const FieldInfo& info = field_info(value.field);
    out.text(info.name);
    if (is_text(info)) {
      out.byte('t');
      out.text(value.text);
    } else {
      out.byte('i');
      out.u64(static_cast<std::uint64_t>(value.integer));
    }
  }
}

void write_attributes(Writer& out, const Event& event) {
  std::vector<const Attribute*> order;
  order.reserve(event.attributes().size());
  for (const Attribute& attribute : event.attributes()) order.push_back(&attribute);
  // Attributes lie in one vector, so addresses keep the order of equal paths.
  std::ranges::sort(order, [](const Attribute* left, const Attribute* right) {
    if (left->path.size() != right->path.size()) return left->path.size() < right->path.size();
    const int compared = left->path.compare(right->path);
    return compared != 0 ? compared < 0 : left < right;
  });
  out.size(order.size());
  for (const Attribute* attribute : order) {
    out.text(attribute->path);
    out.byte(attribute->kind == Attribute::Kind::number ? 'n' : 't');
    out.text(attribute->text);
  }
}

void write_event(Writer& out, const Event& event) {
  out.byte(kVersion);
  out.bytes(event.id.data(), event.id.size());
  out.u64(static_cast<std::uint64_t>(event.event_time_ms));
  out.u64(static_cast<std::uint64_t>(event.received_time_ms));
  write_fields(out, event);
  write_attributes(out, event);
  out.text(event.original);
}

}  // namespace

void append_canonical(std::string& out, const Event& event) {
  const std::size_t before = out.size();
  out.resize_and_overwrite(before + largest_size(event), [&](char* bytes, std::size_t) {
    Writer writer(bytes + before);
    write_event(writer, event);
    return static_cast<std::size_t>(writer.end() - bytes);
  });
}

}  // namespace sightline
