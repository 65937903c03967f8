#include "detect/matcher/literal_scanner.h"

#include <hs/hs.h>

#include <algorithm>
#include <limits>

#include "query/fold.h"
#include "query/glob.h"

namespace sightline::detect {
namespace {

// Up to which looking for one after the other is faster than the scan's start.
constexpr std::size_t kFew = 2;

// Of a longer literal only this much is scanned for, and the rest compared: the scanner's tables stay small.
constexpr std::size_t kScannedBytes = 32;

}  // namespace

struct LiteralScanner::Database {
  hs_database_t* compiled = nullptr;

  Database() = default;
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database() { hs_free_database(compiled); }
};

struct LiteralScanner::Scratch::State {
  hs_scratch_t* scratch = nullptr;
  bool too_small = false;           // memory was short
  std::vector<std::uint32_t> seen;  // by literal: the number of the scan that found it
  std::uint32_t scan = 0;

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { hs_free_scratch(scratch); }

  // Whether this scan finds the literal for the first time.
  bool is_first(std::uint32_t literal) {
    if (seen[literal] == scan) return false;
    seen[literal] = scan;
    return true;
  }

  void begin_scan() {
    if (++scan == 0) {
      std::ranges::fill(seen, 0);
      scan = 1;
    }
  }
};

LiteralScanner::Scratch::Scratch() : state_(std::make_unique<State>()) {}
LiteralScanner::Scratch::~Scratch() = default;
LiteralScanner::Scratch::Scratch(Scratch&&) noexcept = default;
LiteralScanner::Scratch& LiteralScanner::Scratch::operator=(Scratch&&) noexcept = default;

LiteralScanner::LiteralScanner(std::vector<Literal> literals, Texts texts) : literals_(std::move(literals)) {
  for (Literal& literal : literals_) {
    if (literal.ignore_case) literal.bytes = query::fold(literal.bytes);
  }
  if (texts == Texts::values && literals_.size() <= kFew) return;
  std::vector<unsigned> longer;
  for (std::uint32_t i = 0; i < literals_.size(); ++i) {
    const Literal& literal = literals_[i];
    if (literal.bytes.size() <= ShortLiterals::kMaxSize) {
      short_.add(literal.bytes, literal.ignore_case, i);
    } else {
      longer.push_back(i);
    }
  }
  short_.build();
  one_by_one_ = !longer.empty() && !compile(longer);
}

bool LiteralScanner::compile(const std::vector<unsigned>& longer) {
  std::vector<const char*> bytes;
  std::vector<std::size_t> sizes;
  std::vector<unsigned> flags;
  for (const unsigned id : longer) {
    bytes.push_back(literals_[id].bytes.data());
    sizes.push_back(std::min(literals_[id].bytes.size(), kScannedBytes));
    flags.push_back(literals_[id].ignore_case ? HS_FLAG_CASELESS : 0);
  }
  auto database = std::make_unique<Database>();
  hs_compile_error_t* error = nullptr;
  const hs_error_t done =
      hs_compile_lit_multi(bytes.data(), flags.data(), longer.data(), sizes.data(), static_cast<unsigned>(bytes.size()),
                           HS_MODE_BLOCK, nullptr, &database->compiled, &error);
  if (error != nullptr) hs_free_compile_error(error);
  if (done != HS_SUCCESS) return false;
  database_ = std::move(database);
  return true;
}

LiteralScanner::~LiteralScanner() = default;
LiteralScanner::LiteralScanner(LiteralScanner&&) noexcept = default;
LiteralScanner& LiteralScanner::operator=(LiteralScanner&&) noexcept = default;

bool LiteralScanner::occurs(std::uint32_t literal, std::string_view text) const {
  const Literal& each = literals_[literal];
  const std::size_t at = each.ignore_case ? query::find_folded(text, each.bytes) : query::find_exact(text, each.bytes);
  return at != std::string_view::npos;
}

void LiteralScanner::scan_one_by_one(std::string_view text, std::vector<std::uint32_t>& found) const {
  for (std::uint32_t i = 0; i < literals_.size(); ++i) {
    if (occurs(i, text)) found.push_back(i);
  }
}

void LiteralScanner::prepare(Scratch& scratch) const {
  Scratch::State& state = *scratch.state_;
  if (state.seen.size() < literals_.size()) state.seen.resize(literals_.size(), 0);
  if (database_ == nullptr) return;
  if (hs_alloc_scratch(database_->compiled, &state.scratch) != HS_SUCCESS) state.too_small = true;
}

bool LiteralScanner::scan_longer(std::string_view text, Scratch& scratch, std::vector<std::uint32_t>& found) const {
  Scratch::State& state = *scratch.state_;
  if (state.too_small || text.size() > std::numeric_limits<unsigned>::max()) return false;
  struct Context {
    Scratch::State& state;
    std::vector<std::uint32_t>& found;
  } context{state, found};
  const auto on_match = [](unsigned id, unsigned long long, unsigned long long, unsigned, void* data) {
    auto& [into, ids] = *static_cast<Context*>(data);
    if (into.is_first(id)) ids.push_back(id);
    return 0;
  };
  return hs_scan(database_->compiled, text.data(), static_cast<unsigned>(text.size()), 0, state.scratch, on_match,
                 &context) == HS_SUCCESS;
}

void LiteralScanner::scan(std::string_view text, Scratch& scratch, std::vector<std::uint32_t>& found) const {
  if (one_by_one_) return scan_one_by_one(text, found);
  Scratch::State& state = *scratch.state_;
  state.begin_scan();
  const auto begin = static_cast<std::ptrdiff_t>(found.size());
  if (database_ != nullptr && !scan_longer(text, scratch, found)) {
    found.erase(found.begin() + begin, found.end());
    return scan_one_by_one(text, found);
  }
  const auto too_short = std::remove_if(found.begin() + begin, found.end(), [&](std::uint32_t id) {
    return literals_[id].bytes.size() > kScannedBytes && !occurs(id, text);
  });
  found.erase(too_short, found.end());
  if (short_.empty()) return;
  short_.scan(text, [&](std::uint32_t id) {
    if (state.is_first(id)) found.push_back(id);
  });
}

}  // namespace sightline::detect
