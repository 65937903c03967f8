#include "detect/sigma/transforms.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <array>

#include "event/utf8.h"
#include "query/utf8.h"

namespace sightline::detect::sigma {
namespace {

constexpr std::array<std::string_view, 5> kDashes{"-", "/", "\u2013", "\u2014", "\u2015"};

// The dash that begins at `at`, or an empty view.
std::string_view dash_at(std::string_view text, std::size_t at) {
  for (const std::string_view dash : kDashes) {
    if (text.substr(at).starts_with(dash)) return dash;
  }
  return {};
}

bool is_word(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || byte >= 0x80;
}

// Where flags begin, as offsets of their dashes.
std::vector<std::size_t> flags_of(std::string_view text) {
  std::vector<std::size_t> flags;
  bool after_word = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view dash = dash_at(text, at);
    if (dash.empty()) {
      after_word = is_word(text[at]);
      ++at;
      continue;
    }
    const std::size_t next = at + dash.size();
    const bool before_word = next < text.size() && is_word(text[next]) && dash_at(text, next).empty();
    if (before_word && !after_word) flags.push_back(at);
    after_word = false;
    at = next;
  }
  return flags;
}

// All spellings of one run of text.
std::vector<std::string> spellings(std::string_view text, std::size_t limit) {
  std::vector<std::string> all{{}};
  std::size_t from = 0;
  for (const std::size_t flag : flags_of(text)) {
    if (all.size() * kDashes.size() > limit) return {};
    std::vector<std::string> longer;
    for (const std::string& start : all) {
      for (const std::string_view dash : kDashes) {
        longer.push_back(fmt::format("{}{}{}", start, text.substr(from, flag - from), dash));
      }
    }
    all = std::move(longer);
    from = flag + dash_at(text, flag).size();
  }
  for (std::string& each : all) each.append(text.substr(from));
  return all;
}

// Of valid UTF-8, from its first byte.
std::size_t sequence_size(char first) {
  const auto byte = static_cast<unsigned char>(first);
  if (byte < 0x80) return 1;
  if (byte < 0xE0) return 2;
  return byte < 0xF0 ? 3 : 4;
}

void append_unit(std::string& out, std::uint32_t unit, Utf16 form) {
  const char low = static_cast<char>(unit & 0xFF);
  const char high = static_cast<char>(unit >> 8);
  if (form == Utf16::big_endian) {
    out += high;
    out += low;
  } else {
    out += low;
    out += high;
  }
}

}  // namespace

std::expected<std::string, std::string> to_utf16(std::string_view text, Utf16 form) {
  if (!is_valid_utf8(text)) return std::unexpected("the value is not valid UTF-8, so it has no UTF-16 form");
  std::string out;
  if (form == Utf16::with_mark) append_unit(out, 0xFEFF, form);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = sequence_size(text[at]);
    const std::uint32_t code_point = query::decode_sequence(text.substr(at, size));
    at += size;
    if (code_point < 0x10000) {
      append_unit(out, code_point, form);
      continue;
    }
    append_unit(out, 0xD800 + ((code_point - 0x10000) >> 10), form);
    append_unit(out, 0xDC00 + ((code_point - 0x10000) & 0x3FF), form);
  }
  return out;
}

std::string to_base64(std::string_view bytes) {
  std::string out(sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(out.data(), out.size(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                    sodium_base64_VARIANT_ORIGINAL);
  out.pop_back();  // the terminating NUL
  return out;
}

std::vector<std::string> base64_offsets(std::string_view bytes) {
  // Characters that hold bits of what stands before or after are cut off.
  constexpr std::array<std::size_t, 3> kCutBefore{0, 2, 3};
  constexpr std::array<std::size_t, 3> kCutAfter{0, 3, 2};
  std::vector<std::string> variants;
  for (std::size_t shift = 0; shift < 3; ++shift) {
    const std::string encoded = to_base64(std::string(shift, ' ').append(bytes));
    const std::size_t cut = kCutBefore[shift] + kCutAfter[(shift + bytes.size()) % 3];
    if (encoded.size() > cut) variants.push_back(encoded.substr(kCutBefore[shift], encoded.size() - cut));
  }
  return variants;
}

std::expected<std::vector<StringPattern>, std::string> dash_variants(const StringPattern& pattern) {
  std::vector<StringPattern> all{StringPattern()};
  for (const StringPattern::Part& part : pattern.parts()) {
    const std::string* text = std::get_if<std::string>(&part);
    const auto texts = text == nullptr ? std::vector<std::string>{} : spellings(*text, kMaxVariants / all.size());
    if (text != nullptr && texts.empty()) {
      return std::unexpected(fmt::format("the value has more than {} spellings with other dashes", kMaxVariants));
    }
    std::vector<StringPattern> longer;
    for (const StringPattern& start : all) {
      if (text == nullptr) {
        longer.push_back(start);
        std::visit([&](const auto& each) { longer.back().append(each); }, part);
      }
      for (const std::string& spelling : texts) {
        longer.push_back(start);
        longer.back().append(spelling);
      }
    }
    all = std::move(longer);
  }
  return all;
}

}  // namespace sightline::detect::sigma
