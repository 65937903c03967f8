#include "detect/sigma/value_patterns.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "detect/sigma/transforms.h"
#include "query/name_distance.h"

namespace sightline::detect::sigma {
namespace {

const std::vector<std::string>& values_of(const Placeholder& placeholder, const Placeholders& placeholders,
                                          const YamlNode& at) {
  const auto found = placeholders.find(placeholder.name);
  if (found != placeholders.end() && !found->second.empty()) return found->second;
  query::NearestNames nearest(placeholder.name, 1);
  for (const auto& [name, values] : placeholders) nearest.offer(name);
  const auto names = nearest.names();
  const std::string hint = names.empty() || names.front() == placeholder.name
                               ? "list them in a file, and name it with --placeholders"
                               : fmt::format("did you mean %{}%?", names.front());
  refuse(at, fmt::format("placeholder %{}% has no values", placeholder.name), hint);
}

// Substitutes placeholders by each of their values, read as `parse` says.
template <class Parse>
std::vector<StringPattern> substituted(const StringPattern& pattern, const Placeholders& placeholders,
                                       const YamlNode& at, const Parse& parse) {
  std::vector<StringPattern> all{StringPattern()};
  for (const StringPattern::Part& part : pattern.parts()) {
    const Placeholder* placeholder = std::get_if<Placeholder>(&part);
    if (placeholder == nullptr) {
      for (StringPattern& each : all) std::visit([&](const auto& piece) { each.append(piece); }, part);
      continue;
    }
    const std::vector<std::string>& values = values_of(*placeholder, placeholders, at);
    if (all.size() * values.size() > kMaxVariants) {
      refuse(at, fmt::format("placeholders make more than {} values of one", kMaxVariants), "list fewer values");
    }
    std::vector<StringPattern> longer;
    for (const StringPattern& start : all) {
      for (const std::string& value : values) {
        longer.push_back(start);
        longer.back().append(parse(value));
      }
    }
    all = std::move(longer);
  }
  return all;
}

template <class T>
T taken(std::expected<T, std::string> made, const YamlNode& at) {
  if (!made) refuse(at, std::move(made.error()), "write a shorter value of UTF-8");
  return std::move(*made);
}

std::string bytes_of(const StringPattern& pattern, Modifier modifier, const YamlNode& at) {
  auto text = pattern.as_literal();
  if (!text) {
    refuse(at, fmt::format("\"{}\" cannot encode a value with wildcards", to_string(modifier)),
           fmt::format("write \"{}\" before contains, startswith and endswith", to_string(modifier)));
  }
  return std::move(*text);
}

std::vector<StringPattern> literals(const std::vector<std::string>& texts) {
  std::vector<StringPattern> patterns;
  std::ranges::transform(texts, std::back_inserter(patterns), StringPattern::literal);
  return patterns;
}

std::vector<StringPattern> in_utf16(const StringPattern& pattern, Modifier modifier, Utf16 form, const YamlNode& at) {
  return literals({taken(to_utf16(bytes_of(pattern, modifier, at), form), at)});
}

std::vector<StringPattern> transformed(const StringPattern& pattern, Modifier modifier,
                                       const Placeholders& placeholders, const YamlNode& at) {
  switch (modifier) {
    case Modifier::contains:
      return {pattern.with_run_before().with_run_after()};
    case Modifier::startswith:
      return {pattern.with_run_after()};
    case Modifier::endswith:
      return {pattern.with_run_before()};
    case Modifier::expand:
      return substituted(pattern, placeholders, at,
                         [](const std::string& value) { return StringPattern::parse(value, false); });
    case Modifier::windash:
      return taken(dash_variants(pattern), at);
    case Modifier::utf16le:
      return in_utf16(pattern, modifier, Utf16::little_endian, at);
    case Modifier::utf16be:
      return in_utf16(pattern, modifier, Utf16::big_endian, at);
    case Modifier::utf16:
      return in_utf16(pattern, modifier, Utf16::with_mark, at);
    case Modifier::base64:
      return literals({to_base64(bytes_of(pattern, modifier, at))});
    case Modifier::base64offset:
      return literals(base64_offsets(bytes_of(pattern, modifier, at)));
    default:
      return {pattern};
  }
}

}  // namespace

std::vector<StringPattern> patterns_of(const YamlNode& value, const FieldKey& key, const Placeholders& placeholders) {
  std::vector<StringPattern> patterns{StringPattern::parse(value.scalar, key.has(Modifier::expand))};
  for (const Modifier modifier : key.modifiers) {
    std::vector<StringPattern> changed;
    for (const StringPattern& pattern : patterns) {
      std::ranges::move(transformed(pattern, modifier, placeholders, value), std::back_inserter(changed));
      if (changed.size() > kMaxVariants) {
        refuse(value, fmt::format("modifiers make more than {} values of one", kMaxVariants), "write a shorter value");
      }
    }
    patterns = std::move(changed);
  }
  if (patterns.empty()) refuse(value, "the value is too short to be found in base64", "give more of it");
  return patterns;
}

std::vector<std::string> texts_of(const YamlNode& value, const FieldKey& key, const Placeholders& placeholders) {
  if (!key.has(Modifier::expand)) return {value.scalar};
  std::vector<std::string> texts;
  const StringPattern text = StringPattern::parse_placeholders(value.scalar);
  for (const StringPattern& each : substituted(text, placeholders, value, StringPattern::literal)) {
    texts.push_back(each.as_literal().value());
  }
  return texts;
}

}  // namespace sightline::detect::sigma
