#include "query/name_distance.h"

#include <algorithm>
#include <numeric>

#include "query/fold.h"

namespace sightline::query {
namespace {

constexpr std::size_t kMaxCompared = 200;  // longer names are not compared letter by letter

// Edits (insert, delete, replace, swap neighbours) between two folded names; more than `limit` is limit + 1.
std::size_t edit_distance(std::string_view left, std::string_view right, std::size_t limit) {
  const std::size_t difference = left.size() > right.size() ? left.size() - right.size() : right.size() - left.size();
  if (difference > limit) return limit + 1;
  std::vector<std::size_t> before(right.size() + 1);
  std::vector<std::size_t> previous(right.size() + 1);
  std::vector<std::size_t> current(right.size() + 1);
  std::iota(previous.begin(), previous.end(), 0);
  for (std::size_t i = 1; i <= left.size(); ++i) {
    current[0] = i;
    for (std::size_t j = 1; j <= right.size(); ++j) {
      const std::size_t replaced = previous[j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1);
      current[j] = std::min({replaced, previous[j] + 1, current[j - 1] + 1});
      const bool swapped = i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1];
      if (swapped) current[j] = std::min(current[j], before[j - 2] + 1);
    }
    if (std::ranges::min(current) > limit) return limit + 1;
    before.swap(previous);
    previous.swap(current);
  }
  return std::min(previous[right.size()], limit + 1);
}

// Whether `name` ends with a dot and all of `part`.
bool ends_with_part(std::string_view name, std::string_view part) {
  return name.size() > part.size() && name.ends_with(part) && name[name.size() - part.size() - 1] == '.';
}

std::string_view last_part(std::string_view name) { return name.substr(name.rfind('.') + 1); }

}  // namespace

std::optional<std::size_t> name_distance(std::string_view written, std::string_view name) {
  if (written.size() > kMaxCompared || name.size() > kMaxCompared) return std::nullopt;
  const std::string left = fold(written);
  const std::string right = fold(name);
  if (left == right) return 0;
  // `bucketName` for requestParameters.bucketName, and the other way round; the shorter whole name first.
  if (ends_with_part(right, left)) return 1 + (right.size() - left.size()) / 64;
  if (ends_with_part(left, right)) return 2;
  if (right.starts_with(left + ".")) return 4 + (right.size() - left.size()) / 8;

  const std::size_t limit = std::max<std::size_t>(1, written.size() / 4);
  const std::size_t edits = edit_distance(left, right, limit);
  if (edits <= limit) return 2 + edits;
  const std::string_view part = last_part(right);
  if (part.size() == right.size() || left.contains('.')) return std::nullopt;
  const std::size_t part_edits = edit_distance(left, part, limit);
  if (part_edits <= limit && left.size() > 3) return 4 + part_edits;
  return std::nullopt;
}

void NearestNames::offer(std::string_view name) {
  const std::optional<std::size_t> distance = name_distance(written_, name);
  if (!distance) return;
  Candidate candidate{*distance, std::string(name)};
  const auto place = std::ranges::lower_bound(candidates_, candidate);
  if (place != candidates_.end() && *place == candidate) return;
  candidates_.insert(place, std::move(candidate));
  if (candidates_.size() > limit_) candidates_.pop_back();
}

std::vector<std::string> NearestNames::names() const {
  std::vector<std::string> names;
  names.reserve(candidates_.size());
  for (const Candidate& candidate : candidates_) names.push_back(candidate.name);
  return names;
}

}  // namespace sightline::query
