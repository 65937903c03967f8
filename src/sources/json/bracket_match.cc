#include "sources/json/bracket_match.h"

#include <bit>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace sightline::sources {

#if defined(__SSE2__)
namespace {

constexpr std::size_t kBlockBytes = 64;

// One bit a byte of a block, the first byte lowest.
struct Masks {
  std::uint64_t quotes = 0;
  std::uint64_t backslashes = 0;
  std::uint64_t opens = 0;   // { and [
  std::uint64_t closes = 0;  // } and ]
};

std::uint64_t equal_mask(__m128i block, char c) {
  return static_cast<std::uint16_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(block, _mm_set1_epi8(c))));
}

Masks read_block(const char* bytes) {
  Masks masks;
  for (std::size_t part = 0; part < 4; ++part) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + part * 16));
    // Setting this bit makes '[' a '{' and ']' a '}', and no other byte either of them.
    const __m128i folded = _mm_or_si128(block, _mm_set1_epi8(0x20));
    masks.quotes |= equal_mask(block, '"') << (part * 16);
    masks.backslashes |= equal_mask(block, '\\') << (part * 16);
    masks.opens |= equal_mask(folded, '{') << (part * 16);
    masks.closes |= equal_mask(folded, '}') << (part * 16);
  }
  return masks;
}

// The bytes that a backslash before them makes literal. `carry`: the first byte of the block is, of the next one.
std::uint64_t escaped_mask(std::uint64_t backslashes, bool& carry) {
  std::uint64_t escaped = carry ? 1 : 0;
  carry = false;
  backslashes &= ~escaped;
  while (backslashes != 0) {
    const int at = std::countr_zero(backslashes);
    if (at == 63) {
      carry = true;
      break;
    }
    escaped |= std::uint64_t{2} << at;
    backslashes &= ~(std::uint64_t{3} << at);
  }
  return escaped;
}

// Each bit becomes the parity of the bits up to it: from an opening quote up to before the closing one.
std::uint64_t prefix_parity(std::uint64_t bits) {
  for (int shift = 1; shift < 64; shift *= 2) bits ^= bits << shift;
  return bits;
}

class Matcher {
 public:
  // The position behind the matching bracket within the block, or 0.
  std::size_t feed(const char* bytes) {
    const Masks masks = read_block(bytes);
    const std::uint64_t escaped = masks.backslashes != 0 || carry_ ? escaped_mask(masks.backslashes, carry_) : 0;
    const std::uint64_t strings = prefix_parity(masks.quotes & ~escaped) ^ in_string_;
    in_string_ = (strings >> 63) != 0 ? ~std::uint64_t{0} : 0;
    const std::uint64_t opens = masks.opens & ~strings;
    std::uint64_t closes = masks.closes & ~strings;
    if (std::popcount(closes) < depth_) {
      depth_ += std::popcount(opens) - std::popcount(closes);
      return 0;
    }
    for (int closed = 1; closes != 0; ++closed, closes &= closes - 1) {
      const int at = std::countr_zero(closes);
      const std::uint64_t before = opens & ((std::uint64_t{1} << at) - 1);
      if (depth_ + std::popcount(before) == closed) return static_cast<std::size_t>(at) + 1;
    }
    depth_ += std::popcount(opens) - std::popcount(masks.closes & ~strings);
    return 0;
  }

 private:
  int depth_ = 0;
  bool carry_ = false;
  std::uint64_t in_string_ = 0;  // all bits
};

}  // namespace

std::size_t match_bracket(std::string_view bytes) {
  Matcher matcher;
  std::size_t at = 0;
  for (; at + kBlockBytes <= bytes.size(); at += kBlockBytes) {
    if (const std::size_t end = matcher.feed(bytes.data() + at); end != 0) return at + end;
  }
  char last[kBlockBytes];
  std::memset(last, ' ', sizeof last);
  std::memcpy(last, bytes.data() + at, bytes.size() - at);
  const std::size_t end = matcher.feed(last);
  return end == 0 ? 0 : at + end;
}

#else

std::size_t match_bracket(std::string_view) { return 0; }

#endif

}  // namespace sightline::sources
