#include "detect/matcher/value_tables.h"

#include <algorithm>

#include "query/fold.h"

namespace sightline::detect {

std::uint32_t ValueTables::literal_number(TextTest test, std::string_view bytes, bool ignore_case) {
  std::string key{static_cast<char>(test), ignore_case ? 'i' : 'c'};
  key += ignore_case ? query::fold(bytes) : std::string(bytes);
  const auto next = static_cast<std::uint32_t>(atoms_of_literal_.size());
  const auto [known, added] = known_literals_.emplace(std::move(key), next);
  if (!added) return known->second;
  atoms_of_literal_.emplace_back();
  if (test == TextTest::starts_with) prefixes_.add(bytes, ignore_case, next);
  if (test == TextTest::ends_with) suffixes_.add(bytes, ignore_case, next);
  if (test == TextTest::contains) {
    scanned_.push_back(next);
    to_scan_.push_back({std::string(bytes), ignore_case});
  }
  return next;
}

void ValueTables::add_text(TextTest test, std::string_view bytes, bool ignore_case, AtomId atom) {
  if (test != TextTest::equals) return add(atoms_of_literal_[literal_number(test, bytes, ignore_case)], atom);
  if (!ignore_case) return add(equal_, bytes, atom);
  add(equal_folded_, query::fold(bytes), atom);
  longest_folded_ = std::max(longest_folded_, bytes.size());
}

void ValueTables::add_run(std::string_view bytes, std::int64_t size, AtomId atom) {
  query::ByteRun run{{}, static_cast<std::size_t>(size)};
  for (const char c : bytes) run.bytes.set(static_cast<unsigned char>(c));
  runs_.emplace_back(run, atom);
}

void ValueTables::build_scanners() {
  std::vector<LiteralScanner::Literal> near;
  for (std::size_t i = 0; i < to_scan_.size(); ++i) {
    if (!Outline::may_overlap_number(to_scan_[i].bytes)) continue;
    near.push_back(to_scan_[i]);
    scanned_near_numbers_.push_back(scanned_[i]);
  }
  has_outlines_ = std::ranges::none_of(to_scan_, [](const auto& each) { return Outline::has_stand_in(each.bytes); });
  if (has_outlines_ && !near.empty()) near_numbers_ = std::make_unique<const LiteralScanner>(std::move(near), true);
  scanner_ = std::make_unique<const LiteralScanner>(std::move(to_scan_));
}

void ValueTables::build() {
  prefixes_.build();
  suffixes_.build();
  if (!to_scan_.empty()) build_scanners();
  to_scan_ = {};
  known_literals_ = {};
}

void ValueTables::append(const Texts& texts, std::string_view text, std::vector<AtomId>& out) {
  const auto found = texts.find(text);
  if (found != texts.end()) out.insert(out.end(), found->second.begin(), found->second.end());
}

void ValueTables::find_equal(std::string_view value, ValueScratch& scratch, std::vector<AtomId>& out) const {
  if (!equal_.empty()) append(equal_, value, out);
  if (equal_folded_.empty() || value.size() > longest_folded_) return;
  scratch.folded.assign(value);
  for (char& c : scratch.folded) c = query::fold(c);
  append(equal_folded_, scratch.folded, out);
}

void ValueTables::find_text(std::string_view value, bool is_number, ValueScratch& scratch,
                            std::vector<AtomId>& out) const {
  out.insert(out.end(), any_value_.begin(), any_value_.end());
  if (!is_number) {
    find_equal(value, scratch, out);
  } else if (!decimals_.empty()) {
    append(decimals_, value, out);
  }
  find_affixes(value, scratch, out);
  if (scanner_ != nullptr) {
    scratch.found.clear();
    scanner_->scan(value, scratch.scanner, scratch.found);
    append_found(scanned_, scratch, out);
  }
  find_runs(value, out);
  find_not_ascii(value, out);
}

void ValueTables::find_in_outline(std::string_view outline, ValueScratch& scratch, std::vector<AtomId>& out) const {
  out.insert(out.end(), any_value_.begin(), any_value_.end());
  scratch.found.clear();
  scanner_->scan(outline, scratch.scanner, scratch.found);
  append_found(scanned_, scratch, out);
  find_not_ascii(outline, out);
}

void ValueTables::find_beside_outline(std::string_view value, std::span<const Outline::Number> numbers,
                                      ValueScratch& scratch, std::vector<AtomId>& out) const {
  find_equal(value, scratch, out);
  find_affixes(value, scratch, out);
  find_runs(value, out);
  if (near_numbers_ == nullptr) return;
  scratch.found.clear();
  near_numbers_->scan_near_numbers(value, numbers, scratch.scanner, scratch.found);
  append_found(scanned_near_numbers_, scratch, out);
}

void ValueTables::find_affixes(std::string_view value, ValueScratch& scratch, std::vector<AtomId>& out) const {
  scratch.found.clear();
  prefixes_.find(value, scratch.found);
  suffixes_.find(value, scratch.found);
  for (const std::uint32_t literal : scratch.found) {
    const Atoms& atoms = atoms_of_literal_[literal];
    out.insert(out.end(), atoms.begin(), atoms.end());
  }
}

// What a scanner found.
void ValueTables::append_found(std::span<const std::uint32_t> number_of, ValueScratch& scratch,
                               std::vector<AtomId>& out) const {
  for (const std::uint32_t literal : scratch.found) {
    const Atoms& atoms = atoms_of_literal_[number_of[literal]];
    out.insert(out.end(), atoms.begin(), atoms.end());
  }
}

void ValueTables::find_runs(std::string_view value, std::vector<AtomId>& out) const {
  for (const auto& [run, atom] : runs_) {
    if (query::has_run(value, run)) out.push_back(atom);
  }
}

void ValueTables::find_not_ascii(std::string_view value, std::vector<AtomId>& out) const {
  if (not_ascii_.empty()) return;
  unsigned char bits = 0;
  for (const char c : value) bits |= static_cast<unsigned char>(c);
  if (bits >= 0x80) out.insert(out.end(), not_ascii_.begin(), not_ascii_.end());
}

void ValueTables::find_integer(std::int64_t value, std::vector<AtomId>& out) const {
  out.insert(out.end(), any_value_.begin(), any_value_.end());
  const auto found = integers_.find(value);
  if (found != integers_.end()) out.insert(out.end(), found->second.begin(), found->second.end());
}

}  // namespace sightline::detect
