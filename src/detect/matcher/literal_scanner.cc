#include "detect/matcher/literal_scanner.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <unordered_map>
#include <utility>

#include "query/fold.h"

namespace sightline::detect {
namespace {

static_assert(ShortLiterals::kMaxSize + 1 == sizeof(std::uint32_t));

// Bits of the filter a literal: so few are set that other texts seldom meet one.
constexpr std::size_t kBitsEach = 32;
constexpr std::size_t kMaxStride = 8;
constexpr std::size_t kMinBits = 64;
constexpr std::size_t kMaxBits = 1U << 17U;  // 16 KiB: stays in the nearest cache

}  // namespace

LiteralScanner::LiteralScanner(std::vector<Literal> literals, bool near_numbers) : literals_(std::move(literals)) {
  for (std::uint32_t i = 0; i < literals_.size(); ++i) {
    Literal& literal = literals_[i];
    if (literal.ignore_case) literal.bytes = query::fold(literal.bytes);
    shortest_ = std::min(shortest_, literal.bytes.size());
    if (literal.bytes.size() < kGramBytes) short_.add(literal.bytes, literal.ignore_case, i);
  }
  short_.build();
  std::size_t shortest = kGramBytes + kMaxStride;
  for (const Literal& literal : literals_) {
    if (literal.bytes.size() >= kGramBytes) shortest = std::min(shortest, literal.bytes.size());
  }
  stride_ = near_numbers ? 1 : std::min(shortest - kGramBytes + 1, kMaxStride);
  index(choose_grams(near_numbers));
}

// What many literals have in common is common in texts too.
std::vector<std::pair<LiteralScanner::Gram, LiteralScanner::Place>> LiteralScanner::choose_grams(
    bool near_numbers) const {
  std::unordered_map<Gram, std::uint32_t> of_grams;
  std::array<std::uint32_t, 256> of_bytes{};
  for (const Literal& literal : literals_) {
    for (const char c : literal.bytes) ++of_bytes.at(static_cast<std::uint8_t>(query::fold(c)));
    for (std::size_t at = 0; at + kGramBytes <= literal.bytes.size(); ++at) ++of_grams[gram_at(&literal.bytes[at])];
  }
  const auto commonness = [&](std::string_view bytes) {
    std::uint64_t sum = std::uint64_t{of_grams[gram_at(bytes.data())]} << 32U;
    for (const char c : bytes.substr(0, kGramBytes)) sum += of_bytes.at(static_cast<std::uint8_t>(query::fold(c)));
    return sum;
  };
  std::vector<std::pair<Gram, Place>> chosen;
  for (std::uint32_t i = 0; i < literals_.size(); ++i) {
    const std::string_view bytes = literals_[i].bytes;
    if (bytes.size() < kGramBytes) continue;
    const bool needs_digit = near_numbers && Outline::has_digit(bytes);
    std::uint64_t least = UINT64_MAX;
    std::size_t best = 0;
    for (std::size_t at = 0; at + stride_ + kGramBytes - 1 <= bytes.size(); ++at) {
      if (needs_digit && !Outline::has_digit(bytes.substr(at, kGramBytes))) continue;
      std::uint64_t sum = 0;
      for (std::size_t k = 0; k < stride_; ++k) sum += commonness(bytes.substr(at + k));
      if (sum >= least) continue;
      least = sum;
      best = at;
    }
    for (std::size_t at = best; at < best + stride_; ++at)
      chosen.push_back({gram_at(&bytes[at]), {i, static_cast<std::uint32_t>(at)}});
  }
  return chosen;
}

void LiteralScanner::index(std::vector<std::pair<Gram, Place>> grams) {
  if (grams.empty()) return;
  std::ranges::sort(grams, {}, [](const auto& each) { return std::pair(each.first, each.second.literal); });
  const std::size_t bits = std::clamp(std::bit_ceil(grams.size() * kBitsEach), kMinBits, kMaxBits);
  filter_.resize(bits / 64, 0);
  filter_shift_ = 32U - static_cast<unsigned>(std::countr_zero(bits));
  slots_.resize(std::bit_ceil(grams.size() * 2));
  slot_shift_ = 32U - static_cast<unsigned>(std::countr_zero(slots_.size()));
  for (const auto& [gram, place] : grams) {
    const std::uint32_t bit = hash(gram) >> filter_shift_;
    filter_[bit / 64] |= std::uint64_t{1} << bit % 64;
    std::size_t slot = hash(gram) >> slot_shift_;
    while (slots_[slot].count > 0 && slots_[slot].gram != gram) slot = (slot + 1) % slots_.size();
    if (slots_[slot].count++ == 0) {
      slots_[slot].gram = gram;
      slots_[slot].first = static_cast<std::uint32_t>(places_.size());
    }
    places_.push_back(place);
  }
}

void LiteralScanner::compare(Gram gram, std::string_view text, std::size_t at, Scratch& scratch,
                             std::vector<std::uint32_t>& found) const {
  std::size_t slot = hash(gram) >> slot_shift_;
  while (slots_[slot].gram != gram || slots_[slot].count == 0) {
    if (slots_[slot].count == 0) return;
    slot = (slot + 1) % slots_.size();
  }
  for (std::uint32_t i = 0; i < slots_[slot].count; ++i) {
    const Place& place = places_[slots_[slot].first + i];
    if (place.before > at || scratch.has(place.literal)) continue;
    const auto& [bytes, ignore_case] = literals_[place.literal];
    const std::string_view rest = text.substr(at - place.before);
    if (rest.size() < bytes.size()) continue;
    const std::string_view part = rest.substr(0, bytes.size());
    if (ignore_case ? !query::equal_folded(part, bytes) : part != bytes) continue;
    scratch.mark(place.literal);
    found.push_back(place.literal);
  }
}

void LiteralScanner::scan(std::string_view text, Scratch& scratch, std::vector<std::uint32_t>& found) const {
  if (text.size() < shortest_) return;
  scratch.begin_scan(literals_.size());
  scan_part(text, 0, text.size(), scratch, found);
}

// Of a literal with digits, the bytes that stand for it hold one, and so does a number. One of hexadecimal letters that
// overlaps a number lies within.
void LiteralScanner::scan_near_numbers(std::string_view text, std::span<const Outline::Number> numbers,
                                       Scratch& scratch, std::vector<std::uint32_t>& found) const {
  constexpr std::size_t kBeside = kGramBytes - 1;
  scratch.begin_scan(literals_.size());
  for (const auto& [begin, end] : numbers) {
    scan_part(text, std::max(begin, kBeside) - kBeside, std::min(end + kBeside, text.size()), scratch, found);
  }
}

void LiteralScanner::scan_part(std::string_view text, std::size_t begin, std::size_t end, Scratch& scratch,
                               std::vector<std::uint32_t>& found) const {
  if (!filter_.empty()) {
    const std::uint64_t* filter = filter_.data();
    for (std::size_t at = begin; at + kGramBytes <= end; at += stride_) {
      const Gram gram = gram_at(text.data() + at);
      const std::uint32_t bit = hash(gram) >> filter_shift_;
      if ((filter[bit / 64] >> bit % 64 & 1U) != 0) [[unlikely]]
        compare(gram, text, at, scratch, found);
    }
  }
  if (short_.empty()) return;
  short_.scan(text.substr(begin, end - begin), [&](std::uint32_t literal) {
    if (scratch.has(literal)) return;
    scratch.mark(literal);
    found.push_back(literal);
  });
}

}  // namespace sightline::detect
