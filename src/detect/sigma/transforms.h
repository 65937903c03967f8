// What modifiers make of a string before it is compared: other encodings, other dashes.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "detect/sigma/string_pattern.h"

namespace sightline::detect::sigma {

inline constexpr std::size_t kMaxVariants = 4'096;  // that one value may become

enum class Utf16 { little_endian, big_endian, with_mark };  // with_mark: little-endian after FF FE

// Errors of all: a message that names what does not fit. `text` of UTF-8 only.
std::expected<std::string, std::string> to_utf16(std::string_view text, Utf16 form);
std::string to_base64(std::string_view bytes);

// What is the same in base64 wherever `bytes` stand in a longer text: one variant for each of the three shifts.
std::vector<std::string> base64_offsets(std::string_view bytes);

// The pattern with each dash that begins a flag written in every way Windows takes for one: `-`, `/`, en dash, em dash,
// horizontal bar. A dash begins a flag where a word begins after it and none ends before it. Error: over kMaxVariants.
std::expected<std::vector<StringPattern>, std::string> dash_variants(const StringPattern& pattern);

}  // namespace sightline::detect::sigma
