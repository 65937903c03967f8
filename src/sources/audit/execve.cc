#include "sources/audit/execve.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "sources/audit/value.h"

namespace sightline::audit {

namespace {

// Reads a number at the front and removes it.
bool take_number(std::string_view& text, std::uint64_t& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end == text.data()) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

// aN_len is the size of the encoded text. The kernel doubles it each time an argument outgrows its buffer, and some
// versions give the size before encoding.
bool fits_length(std::uint64_t announced, std::uint64_t encoded_size) {
  constexpr std::uint64_t kOutgrown = 15000;
  if (announced * 2 == encoded_size) return true;
  while (encoded_size > kOutgrown && announced > encoded_size && announced % 2 == 0) announced /= 2;
  return announced == encoded_size;
}

}  // namespace

void ArgumentList::clear() {
  pieces_.clear();
  lengths_.clear();
  arguments_.clear();
  count_.reset();
  incomplete_ = false;
}

void ArgumentList::add(const Field* begin, const Field* end, std::vector<Field>& rest) {
  for (const Field* field = begin; field != end; ++field) {
    if (field->key == "argc") {
      const auto count = parse_integer(field->value);
      if (count && *count >= 0) count_ = static_cast<std::uint64_t>(*count);
    } else if (!add_argument(*field)) {
      rest.push_back(*field);
    }
  }
}

bool ArgumentList::add_argument(const Field& field) {
  std::string_view key = field.key;
  if (!key.starts_with('a')) return false;
  key.remove_prefix(1);
  std::uint64_t index = 0;
  if (!take_number(key, index)) return false;
  return add_part(index, key, field);
}

bool ArgumentList::add_part(std::uint64_t index, std::string_view rest, const Field& field) {
  if (rest.empty()) {
    pieces_.push_back({index, 0, field});
    return true;
  }
  if (rest == "_len") {
    std::string_view digits = field.value;
    std::uint64_t size = 0;
    if (!take_number(digits, size)) return false;
    lengths_.push_back({index, size});
    return true;
  }
  if (!rest.starts_with('[') || !rest.ends_with(']')) return false;
  rest.remove_prefix(1);
  std::uint64_t part = 0;
  if (!take_number(rest, part)) return false;
  pieces_.push_back({index, part, field});
  return true;
}

std::string_view ArgumentList::join_pieces(const Piece* begin, const Piece* end, Arena& arena) {
  std::uint64_t encoded_size = 0;
  std::size_t decoded_size = 0;
  std::uint64_t expected_part = 0;
  for (const Piece* piece = begin; piece != end; ++piece) {
    encoded_size += piece->field.value.size();
    decoded_size += piece->field.value.size();  // at most
    if (piece->part != expected_part++) incomplete_ = true;
  }
  const auto length = std::ranges::lower_bound(lengths_, begin->index, {}, &Length::index);
  const bool announced = length != lengths_.end() && length->index == begin->index;
  if (announced && !fits_length(length->size, encoded_size)) incomplete_ = true;
  if (end - begin == 1) return decode_text(begin->field, arena);
  char* text = arena.allocate(decoded_size);
  std::size_t size = 0;
  for (const Piece* piece = begin; piece != end; ++piece) {
    const std::string_view decoded = decode_text(piece->field, arena);
    std::memcpy(text + size, decoded.data(), decoded.size());
    size += decoded.size();
  }
  return {text, size};
}

const std::vector<std::string_view>& ArgumentList::join(Arena& arena) {
  constexpr auto kByPosition = [](const Piece& piece) { return std::pair(piece.index, piece.part); };
  if (!std::ranges::is_sorted(pieces_, {}, kByPosition)) std::ranges::stable_sort(pieces_, {}, kByPosition);
  if (!std::ranges::is_sorted(lengths_, {}, &Length::index)) std::ranges::stable_sort(lengths_, {}, &Length::index);
  const Piece* piece = pieces_.data();
  const Piece* const end = piece + pieces_.size();
  std::uint64_t expected = 0;
  while (piece != end) {
    const Piece* next = piece;
    while (next != end && next->index == piece->index) ++next;
    if (piece->index != expected) incomplete_ = true;
    expected = piece->index + 1;
    arguments_.push_back(join_pieces(piece, next, arena));
    piece = next;
  }
  if (!count_ || expected != *count_) incomplete_ = true;
  return arguments_;
}

}  // namespace sightline::audit
