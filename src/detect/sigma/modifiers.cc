#include "detect/sigma/modifiers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

namespace sightline::detect::sigma {
namespace {

struct Name {
  std::string_view text;
  Modifier modifier;
};

// `wide` is another name for utf16le.
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

// Of each row a key may have one at most: they say in different ways how a value is compared.
constexpr std::array kComparisons{Modifier::re,  Modifier::cidr, Modifier::exists, Modifier::lt,
                                  Modifier::lte, Modifier::gt,   Modifier::gte};
constexpr std::array kPositions{Modifier::startswith, Modifier::endswith, Modifier::contains};
constexpr std::array kTimeParts{Modifier::minute, Modifier::hour,  Modifier::day,
                                Modifier::week,   Modifier::month, Modifier::year};

template <std::size_t N>
std::vector<Modifier> among(const FieldKey& key, const std::array<Modifier, N>& group) {
  std::vector<Modifier> found;
  for (const Modifier modifier : key.modifiers) {
    if (std::ranges::find(group, modifier) != group.end()) found.push_back(modifier);
  }
  return found;
}

std::expected<void, ModifierMistake> refuse_together(const std::vector<Modifier>& found) {
  if (found.size() < 2) return {};
  return std::unexpected(ModifierMistake{
      fmt::format("\"{}\" and \"{}\" cannot stand together", to_string(found[0]), to_string(found[1])), "keep one"});
}

std::expected<void, ModifierMistake> check_together(const FieldKey& key) {
  auto compared = among(key, kComparisons);
  if (auto fine = refuse_together(compared); !fine) return fine;
  auto positions = among(key, kPositions);
  if (auto fine = refuse_together(positions); !fine) return fine;
  if (auto fine = refuse_together(among(key, kTimeParts)); !fine) return fine;
  std::ranges::move(positions, std::back_inserter(compared));
  if (auto fine = refuse_together(compared); !fine) return fine;
  const bool flags = key.has(Modifier::i) || key.has(Modifier::m) || key.has(Modifier::s);
  if (flags && !key.has(Modifier::re)) {
    return std::unexpected(ModifierMistake{"\"i\", \"m\" and \"s\" are flags of \"re\"", "write re before them"});
  }
  const bool whole_event = key.field.empty();
  const bool only_all = std::ranges::all_of(
      key.modifiers, [](Modifier modifier) { return modifier == Modifier::all || modifier == Modifier::contains; });
  if (whole_event && !only_all) {
    return std::unexpected(ModifierMistake{"keywords take no modifier but \"all\"", "name a field before the \"|\""});
  }
  return {};
}

}  // namespace

std::string_view to_string(Modifier modifier) { return std::ranges::find(kNames, modifier, &Name::modifier)->text; }

bool FieldKey::has(Modifier modifier) const { return std::ranges::find(modifiers, modifier) != modifiers.end(); }

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
      std::string known;
      for (const Name& name : kNames) known += (known.empty() ? "" : ", ") + std::string(name.text);
      return std::unexpected(
          ModifierMistake{fmt::format("unknown modifier \"{}\"", word.substr(0, 64)), "expected one of " + known});
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
