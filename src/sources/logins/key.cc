// The key of a publickey login, as sshd tells it behind "ssh2: ".
#include <algorithm>

#include "sources/logins/readers.h"
#include "sources/logins/text.h"

namespace sightline::logins {
namespace {

bool is_key_type(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

bool is_fingerprint(std::string_view text) { return is_word(text) && text.contains(':'); }

// "RSA SHA256:…" as a whole.
bool split_key(std::string_view text, std::string_view& type, std::string_view& fingerprint) {
  const auto first = take_until(text, " ");
  if (!first || !is_key_type(*first) || !is_fingerprint(text)) return false;
  type = *first;
  fingerprint = text;
  return true;
}

// Behind "ID ": "NAME (serial N) CA RSA SHA256:…". Whoever signed the certificate chose NAME.
bool read_certificate(std::string_view text, KeyFacts& key) {
  const auto authority = take_behind_last(text, ") CA ");
  if (!authority || !split_key(*authority, key.authority_type, key.authority_fingerprint)) return false;
  const auto serial = take_behind_last(text, " (serial ");
  if (!serial || !parse_number(*serial)) {
    const bool digits =
        serial && serial->size() <= 20 && serial->find_first_not_of("0123456789") == std::string_view::npos;
    if (!digits || serial->empty()) return false;
  }
  key.certificate_serial = *serial;
  key.certificate_id = text;
  return true;
}

}  // namespace

std::optional<KeyFacts> parse_key(std::string_view text) {
  KeyFacts key;
  const auto type = take_until(text, " ");
  if (!type || !is_key_type(*type)) return std::nullopt;
  key.type = *type;
  if (take_front(text, "ID ")) {  // before OpenSSH 7.2 without the key's own fingerprint
    return read_certificate(text, key) ? std::optional(key) : std::nullopt;
  }
  const std::size_t end = std::min(text.find_first_of(" ,"), text.size());
  key.fingerprint = text.substr(0, end);
  if (!is_fingerprint(key.fingerprint)) return std::nullopt;
  text.remove_prefix(end);
  if (text.empty()) return key;
  if (take_front(text, " ID ")) return read_certificate(text, key) ? std::optional(key) : std::nullopt;
  if (text.starts_with(", client user \"") && text.ends_with('"')) return key;  // hostbased
  return std::nullopt;
}

}  // namespace sightline::logins
