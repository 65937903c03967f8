#include "store/clickhouse/attribute_keys.h"

namespace sightline::store::clickhouse {
namespace {

constexpr unsigned kBitsAByte = 7;
constexpr std::uint32_t kByteMask = 0x7F;

}  // namespace

std::uint32_t AttributeKeys::find(std::string_view name) const {
  const auto found = numbers_.find(name);
  return found == numbers_.end() ? kNone : found->second;
}

std::uint32_t AttributeKeys::find_or_add(std::string_view name) {
  const std::uint32_t known = find(name);
  if (known != kNone || keys_.size() >= max_) return known;
  if (name.size() > kMaxNameBytes || bytes_ + name.size() > kMaxBytes) return kNone;
  const auto number = static_cast<std::uint32_t>(keys_.size());
  keys_.push_back({.name = std::string(name)});
  numbers_.emplace(name, number);
  bytes_ += name.size();
  return number;
}

bool AttributeKeys::restore(std::uint32_t number, std::string_view name) {
  if (number >= kMax) return false;
  if (number >= keys_.size()) keys_.resize(number + 1);
  keys_[number].name = name;
  bytes_ += name.size();
  numbers_.insert_or_assign(std::string(name), number);
  return true;
}

std::string key_bytes(std::uint32_t number) {
  std::string bytes(kKeyBytes, '\0');
  for (std::size_t i = kKeyBytes; i-- > 0; number >>= kBitsAByte) bytes[i] = static_cast<char>(number & kByteMask);
  bytes[0] = static_cast<char>(static_cast<unsigned char>(bytes[0]) | 0x80U);
  return bytes;
}

std::uint32_t key_number(std::string_view bytes) {
  if (bytes.size() != kKeyBytes) return AttributeKeys::kNone;
  std::uint32_t number = 0;
  for (const char c : bytes) number = number << kBitsAByte | (static_cast<unsigned char>(c) & kByteMask);
  return number;
}

}  // namespace sightline::store::clickhouse
