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
  const hs_database_t* last = nullptr;  // the scratch is known to fit it
  std::vector<std::uint32_t> seen;      // by literal: the number of the scan that found it
  std::uint32_t scan = 0;

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { hs_free_scratch(scratch); }

  // Grows to what the database needs; false where memory is short.
  bool fits(const hs_database_t* database) {
    if (database == last) return true;
    if (hs_alloc_scratch(database, &scratch) != HS_SUCCESS) return false;
    last = database;
    return true;
  }

  void begin_scan(std::size_t literals) {
    if (seen.size() < literals) seen.resize(literals, 0);
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

LiteralScanner::LiteralScanner(std::vector<Literal> literals) : literals_(std::move(literals)) {
  for (Literal& literal : literals_) {
    if (literal.ignore_case) literal.bytes = query::fold(literal.bytes);
  }
  if (literals_.size() <= kFew) return;
  std::vector<const char*> texts;
  std::vector<std::size_t> sizes;
  std::vector<unsigned> flags;
  std::vector<unsigned> ids;
  for (std::size_t i = 0; i < literals_.size(); ++i) {
    texts.push_back(literals_[i].bytes.data());
    sizes.push_back(std::min(literals_[i].bytes.size(), kScannedBytes));
    flags.push_back(literals_[i].ignore_case ? HS_FLAG_CASELESS : 0);
    ids.push_back(static_cast<unsigned>(i));
  }
  auto database = std::make_unique<Database>();
  hs_compile_error_t* error = nullptr;
  const hs_error_t done =
      hs_compile_lit_multi(texts.data(), flags.data(), ids.data(), sizes.data(), static_cast<unsigned>(texts.size()),
                           HS_MODE_BLOCK, nullptr, &database->compiled, &error);
  if (error != nullptr) hs_free_compile_error(error);
  if (done == HS_SUCCESS) database_ = std::move(database);
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

void LiteralScanner::scan(std::string_view text, Scratch& scratch, std::vector<std::uint32_t>& found) const {
  Scratch::State& state = *scratch.state_;
  const bool scannable = database_ != nullptr && text.size() <= std::numeric_limits<unsigned>::max();
  if (!scannable || !state.fits(database_->compiled)) return scan_one_by_one(text, found);
  state.begin_scan(literals_.size());
  struct Context {
    Scratch::State& state;
    std::vector<std::uint32_t>& found;
  } context{state, found};
  const auto begin = static_cast<std::ptrdiff_t>(found.size());
  const auto on_match = [](unsigned id, unsigned long long, unsigned long long, unsigned, void* data) {
    auto& [into, ids] = *static_cast<Context*>(data);
    if (into.seen[id] == into.scan) return 0;
    into.seen[id] = into.scan;
    ids.push_back(id);
    return 0;
  };
  const hs_error_t done = hs_scan(database_->compiled, text.data(), static_cast<unsigned>(text.size()), 0,
                                  state.scratch, on_match, &context);
  if (done != HS_SUCCESS) {
    found.erase(found.begin() + begin, found.end());
    return scan_one_by_one(text, found);
  }
  const auto too_short = std::remove_if(found.begin() + begin, found.end(), [&](std::uint32_t id) {
    return literals_[id].bytes.size() > kScannedBytes && !occurs(id, text);
  });
  found.erase(too_short, found.end());
}

}  // namespace sightline::detect
