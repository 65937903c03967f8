// The values of a detection after the modifiers that change them.
#pragma once

#include <string>
#include <vector>

#include "detect/sigma/modifiers.h"
#include "detect/sigma/placeholders.h"
#include "detect/sigma/refusal.h"
#include "detect/sigma/string_pattern.h"

namespace sightline::detect::sigma {

// What a value of strings becomes, in the order of the modifiers; any of them is meant. Throws Refused.
std::vector<StringPattern> patterns_of(const YamlNode& value, const FieldKey& key, const Placeholders& placeholders);

// The value's text as it stands, for comparisons that know no wildcards; several where it has placeholders that
// `expand` asks for. Throws Refused.
std::vector<std::string> texts_of(const YamlNode& value, const FieldKey& key, const Placeholders& placeholders);

}  // namespace sightline::detect::sigma
