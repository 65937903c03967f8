// The ways a secret may be written inside an original.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sightline::sources {

struct SecretForm {
  std::string secret;
  std::string mask;  // in the same writing
};

// As it is, as in a JSON string, and as hexadecimal digits of either case. The first one comes first.
std::vector<SecretForm> forms_of(std::string_view secret, std::string_view mask);

std::string hex_digits(std::string_view text, bool upper);

// Replaces `secret` wherever it stands in `text`, but not inside a longer word. Linear in the text.
void replace_secret(std::string& text, std::string_view secret, std::string_view mask);

// JSON's escapes undone wherever they stand; characters beyond ASCII become '?'.
std::string without_escapes(std::string_view text);

}  // namespace sightline::sources
