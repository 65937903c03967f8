#include "sources/masking/secret_forms.h"

#include <fmt/format.h>

#include <charconv>

#include "base/json_text.h"

namespace sightline::sources {

namespace {

bool is_word(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool stands_alone(std::string_view text, std::size_t begin, std::size_t end) {
  const bool joined_before = begin > 0 && is_word(text[begin]) && is_word(text[begin - 1]);
  const bool joined_after = end < text.size() && is_word(text[end - 1]) && is_word(text[end]);
  return !joined_before && !joined_after;
}

void replace(std::string& text, std::string_view secret, std::string_view mask, bool whole_words) {
  std::size_t found = text.find(secret);
  if (found == std::string::npos) return;
  std::string replaced;
  std::size_t copied = 0;
  while (found != std::string::npos) {
    const std::size_t end = found + secret.size();
    if (whole_words && !stands_alone(text, found, end)) {
      found = text.find(secret, found + 1);
      continue;
    }
    replaced.append(text, copied, found - copied).append(mask);
    copied = end;
    found = text.find(secret, end);
  }
  replaced.append(text, copied);
  text = std::move(replaced);
}

bool is_hex(std::string_view secret) { return secret.find_first_not_of("0123456789abcdefABCDEF") == secret.npos; }

}  // namespace

std::string hex_digits(std::string_view text, bool upper) {
  std::string digits;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    digits += upper ? fmt::format("{:02X}", byte) : fmt::format("{:02x}", byte);
  }
  return digits;
}

std::vector<SecretForm> forms_of(std::string_view secret, std::string_view mask) {
  std::vector<SecretForm> forms = {{std::string(secret), std::string(mask)}};
  std::string json;
  append_json_string(json, secret);
  json = json.substr(1, json.size() - 2);
  if (json != secret) forms.push_back({json, std::string(mask)});
  for (const bool upper : {true, false}) forms.push_back({hex_digits(secret, upper), hex_digits(mask, upper)});
  return forms;
}

void replace_secret(std::string& text, std::string_view secret, std::string_view mask) {
  // Hexadecimal digits stand among others: those of the words around.
  const bool digits_only = is_hex(secret) && is_hex(mask);
  replace(text, secret, mask, !digits_only);
}

std::string without_escapes(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      plain += text[i];
      continue;
    }
    const char escape = text[++i];
    unsigned code = 0;
    const std::string_view digits = text.substr(i + 1, 4);
    if (escape == 'u' && digits.size() == 4 &&
        std::from_chars(digits.data(), digits.data() + 4, code, 16).ptr == digits.data() + 4) {
      plain += code < 0x80 ? static_cast<char>(code) : '?';
      i += 4;
    } else {
      constexpr std::string_view kNames = "nrtbf";
      constexpr std::string_view kCharacters = "\n\r\t\b\f";
      const std::size_t known = kNames.find(escape);
      plain += known == kNames.npos ? escape : kCharacters[known];
    }
  }
  return plain;
}

}  // namespace sightline::sources
