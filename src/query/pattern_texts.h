// What a regular expression needs, so that most values can be passed over without trying it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sightline::query {

// Texts, ASCII case folded, of which an ASCII value holds at least one wherever the pattern matches it. Says nothing of
// values with other bytes: folding is wider in Unicode (`(?i)k` matches U+212A). Empty: nothing is known, or the
// pattern is invalid.
std::vector<std::string> necessary_texts(std::string_view pattern);

}  // namespace sightline::query
