#include "query/glob.h"

#include <algorithm>
#include <cstring>

#include "query/fold.h"

namespace sightline::query {
namespace {

bool equal(std::string_view value, std::string_view part, bool ignore_case) {
  return ignore_case ? equal_folded(value, part) : value == part;
}

}  // namespace

Glob::Glob(std::string_view pattern, bool ignore_case) : ignore_case_(ignore_case) {
  std::string part;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char next = i + 1 < pattern.size() ? pattern[i + 1] : '\0';
    if (pattern[i] == '*') {
      parts_.push_back(std::move(part));
      part.clear();
      continue;
    }
    if (pattern[i] == '\\' && (next == '*' || next == '\\')) ++i;
    part += ignore_case ? fold(pattern[i]) : pattern[i];
  }
  parts_.push_back(std::move(part));
}

bool Glob::matches(std::string_view value) const {
  const std::string& first = parts_.front();
  if (parts_.size() == 1) return equal(value, first, ignore_case_);
  const std::string& last = parts_.back();
  if (value.size() < first.size() + last.size()) return false;
  if (!equal(value.substr(0, first.size()), first, ignore_case_)) return false;
  if (!equal(value.substr(value.size() - last.size()), last, ignore_case_)) return false;
  value.remove_prefix(first.size());
  value.remove_suffix(last.size());
  for (std::size_t i = 1; i + 1 < parts_.size(); ++i) {
    const std::string& part = parts_[i];
    const std::size_t found = ignore_case_ ? find_folded(value, part) : find_exact(value, part);
    if (found == std::string_view::npos) return false;
    value.remove_prefix(found + part.size());
  }
  return true;
}

std::size_t find_exact(std::string_view value, std::string_view needle) {
  if (needle.empty()) return 0;
  const void* found = memmem(value.data(), value.size(), needle.data(), needle.size());
  if (found == nullptr) return std::string_view::npos;
  return static_cast<std::size_t>(static_cast<const char*>(found) - value.data());
}

std::size_t find_folded(std::string_view value, std::string_view needle) {
  if (needle.empty()) return 0;
  if (value.size() < needle.size()) return std::string_view::npos;
  const std::size_t last = value.size() - needle.size();
  for (std::size_t i = 0; i <= last; ++i) {
    if (fold(value[i]) == needle.front() && equal_folded(value.substr(i, needle.size()), needle)) return i;
  }
  return std::string_view::npos;
}

}  // namespace sightline::query
