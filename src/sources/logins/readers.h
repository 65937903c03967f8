// The readers, one program each. `text` is the message; false: it is none about a login (facts may hold other facts).
#pragma once

#include <string_view>

#include "sources/logins/login_facts.h"

namespace sightline::logins {

// What the message is about. True, so that a reader can end with it.
inline bool set(LoginFacts& facts, std::string_view type, std::string_view result, std::optional<bool> success) {
  facts.type = type;
  facts.result = result;
  facts.success = success;
  return true;
}

bool read_sshd(std::string_view text, LoginFacts& facts);
bool read_sudo(std::string_view text, LoginFacts& facts);
bool read_su(std::string_view text, LoginFacts& facts);
bool read_logind(std::string_view text, LoginFacts& facts);
// pam_unix(sshd:session): … by any program.
bool read_pam(std::string_view text, LoginFacts& facts);
// The same without the part that names module, service and step.
bool read_pam_message(std::string_view text, LoginFacts& facts);
// "2 more authentication failures; logname=…", behind "PAM ": pam_unix adds up what it did not report one by one.
bool read_pam_more_failures(std::string_view text, LoginFacts& facts);

// Part of read_sshd, sets no type, and no result but "invalid user": behind "Accepted ", "Failed ", "Partial " or
// "Postponed ".
bool read_sshd_attempt(std::string_view text, LoginFacts& facts);
// "RSA SHA256:…", "ED25519-CERT SHA256:… ID alice (serial 5) CA RSA SHA256:…", the principal of gssapi, …; nullopt:
// something else.
std::optional<KeyFacts> parse_key(std::string_view text);

}  // namespace sightline::logins
