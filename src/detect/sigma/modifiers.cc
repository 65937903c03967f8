#include "detect/sigma/modifiers.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <optional>

namespace sightline::detect::sigma {
namespace {

struct Name {
  std::string_view text;
  Modifier modifier;
};

constexpr std::array kNames{
    Name{"all", Modifier::all},
    Name{"startswith", Modifier::startswith},
    Name{"endswith", Modifier::endswith},
    Name{"contains", Modifier::contains},
    Name{"exists", Modifier::exists},
    Name{"cased", Modifier::cased},
    Name{"neq", Modifier::neq},
    Name{"windash", Modifier::windash},
    Name{"re", Modifier::re},
    Name{"i", Modifier::i},
    Name{"m", Modifier::m},
    Name{"s", Modifier::s},
    Name{"base64", Modifier::base64},
    Name{"base64offset", Modifier::base64offset},
    Name{"utf16le", Modifier::utf16le},
    Name{"wide", Modifier::utf16le},
    Name{"utf16be", Modifier::utf16be},
    Name{"utf16", Modifier::utf16},
    Name{"lt", Modifier::lt},
    Name{"lte", Modifier::lte},
    Name{"gt", Modifier::gt},
    Name{"gte", Modifier::gte},
    Name{"minute", Modifier::minute},
    Name{"hour", Modifier::hour},
    Name{"day", Modifier::day},
    Name{"week", Modifier::week},
    Name{"month", Modifier::month},
    Name{"year", Modifier::year},
    Name{"cidr", Modifier::cidr},
    Name{"expand", Modifier::expand},
    Name{"fieldref", Modifier::fieldref},
};

std::optional<Modifier> find(std::string_view text) {
  const auto* found = std::ranges::find(kNames, text, &Name::text);
  return found == kNames.end() ? std::nullopt : std::optional(found->modifier);
}

constexpr std::array kOrders{Modifier::lt, Modifier::lte, Modifier::gt, Modifier::gte};
constexpr std::array kPositions{Modifier::startswith, Modifier::endswith, Modifier::contains};
constexpr std::array kEncodings{Modifier::windash, Modifier::base64,  Modifier::base64offset,
                                Modifier::utf16le, Modifier::utf16be, Modifier::utf16};
constexpr std::array kTimeParts{Modifier::minute, Modifier::hour,  Modifier::day,
                                Modifier::week,   Modifier::month, Modifier::year};
// Other questions than how a text compares.
constexpr std::array kOthers{Modifier::re, Modifier::cidr, Modifier::exists};

template <std::size_t N>
std::vector<Modifier> among(const FieldKey& key, const std::array<Modifier, N>& group) {
  std::vector<Modifier> found;
  for (const Modifier modifier : key.modifiers) {
    if (std::ranges::find(group, modifier) != group.end()) found.push_back(modifier);
  }
  return found;
}

using Checked = std::expected<void, ModifierMistake>;

Checked refuse_together(Modifier one, Modifier other) {
  return std::unexpected(ModifierMistake{
      fmt::format("\"{}\" and \"{}\" cannot stand together", to_string(one), to_string(other)), "keep one"});
}

// At most one of the group.
template <std::size_t N>
Checked check_one(const FieldKey& key, const std::array<Modifier, N>& group) {
  const std::vector<Modifier> found = among(key, group);
  return found.size() < 2 ? Checked() : refuse_together(found[0], found[1]);
}

// Of one of the groups at most.
template <std::size_t N, std::size_t M>
Checked check_apart(const FieldKey& key, const std::array<Modifier, N>& group, const std::array<Modifier, M>& other) {
  const std::vector<Modifier> first = among(key, group);
  const std::vector<Modifier> second = among(key, other);
  return first.empty() || second.empty() ? Checked() : refuse_together(first[0], second[0]);
}

Checked check_field_reference(const FieldKey& key) {
  if (!key.has(Modifier::fieldref)) return {};
  for (const Modifier modifier : key.modifiers) {
    const bool fits = modifier == Modifier::fieldref || modifier == Modifier::all || modifier == Modifier::neq ||
                      modifier == Modifier::cased || std::ranges::find(kOrders, modifier) != kOrders.end() ||
                      std::ranges::find(kPositions, modifier) != kPositions.end();
    if (!fits) return refuse_together(Modifier::fieldref, modifier);
  }
  return {};
}

// Keywords have no beginning, no number and no part of a time.
Checked check_keywords(const FieldKey& key) {
  if (!key.field.empty()) return {};
  for (const Modifier modifier : key.modifiers) {
    const bool encodes = std::ranges::find(kEncodings, modifier) != kEncodings.end();
    const bool fits = encodes || modifier == Modifier::all || modifier == Modifier::contains ||
                      modifier == Modifier::cased || modifier == Modifier::neq || modifier == Modifier::re ||
                      modifier == Modifier::i || modifier == Modifier::m || modifier == Modifier::s ||
                      modifier == Modifier::expand;
    if (fits) continue;
    return std::unexpected(ModifierMistake{fmt::format("keywords take no modifier \"{}\"", to_string(modifier)),
                                           "name a field before the \"|\""});
  }
  return {};
}

Checked check_together(const FieldKey& key) {
  const std::array checks{
      check_one(key, kPositions),
      check_one(key, kOrders),
      check_one(key, kTimeParts),
      check_one(key, kOthers),
      check_apart(key, kOthers, kPositions),
      check_apart(key, kOthers, kOrders),
      check_apart(key, kOthers, kTimeParts),
      check_apart(key, kOthers, kEncodings),
      check_apart(key, kPositions, kTimeParts),
      check_apart(key, kEncodings, kTimeParts),
      check_apart(key, kEncodings, kOrders),
      check_apart(key, kPositions, kOrders),
      check_field_reference(key),
      check_keywords(key),
  };
  for (const Checked& check : checks) {
    if (!check) return check;
  }
  const bool flags = key.has(Modifier::i) || key.has(Modifier::m) || key.has(Modifier::s);
  if (flags && !key.has(Modifier::re)) {
    return std::unexpected(ModifierMistake{"\"i\", \"m\" and \"s\" are flags of \"re\"", "write re before them"});
  }
  return {};
}

}  // namespace

std::string_view to_string(Modifier modifier) { return std::ranges::find(kNames, modifier, &Name::modifier)->text; }

std::vector<std::string_view> modifier_names() {
  std::vector<std::string_view> names;
  std::ranges::transform(kNames, std::back_inserter(names), &Name::text);
  return names;
}

bool FieldKey::has(Modifier modifier) const { return std::ranges::find(modifiers, modifier) != modifiers.end(); }

bool FieldKey::compares_text_as_it_is() const {
  return has(Modifier::re) || has(Modifier::cidr) || !among(*this, kOrders).empty() || asks_part_of_time();
}

bool FieldKey::asks_part_of_time() const { return !among(*this, kTimeParts).empty(); }

std::expected<FieldKey, ModifierMistake> parse_field_key(std::string_view key) {
  FieldKey parsed;
  const std::size_t bar = std::min(key.find('|'), key.size());
  parsed.field = key.substr(0, bar);
  std::string_view rest = key.substr(bar);
  while (!rest.empty()) {
    rest.remove_prefix(1);  // the bar
    const std::string_view word = rest.substr(0, rest.find('|'));
    rest.remove_prefix(word.size());
    const auto modifier = find(word);
    if (!modifier) {
      return std::unexpected(ModifierMistake{fmt::format("unknown modifier \"{}\"", word.substr(0, 64)),
                                             fmt::format("expected one of {}", fmt::join(modifier_names(), ", "))});
    }
    if (parsed.has(*modifier)) {
      return std::unexpected(ModifierMistake{fmt::format("modifier \"{}\" stands twice", word), "keep one of them"});
    }
    parsed.modifiers.push_back(*modifier);
  }
  if (auto fine = check_together(parsed); !fine) return std::unexpected(std::move(fine.error()));
  return parsed;
}

}  // namespace sightline::detect::sigma
