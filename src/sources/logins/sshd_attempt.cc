// One attempt to log in:
//
//   VERB METHOD[/SUBMETHOD] for [invalid user ]USER from IP port N ssh2[: KEY]
//
// USER is whatever the peer typed, and so is a certificate's name within KEY. All places where " from IP port N" stands
// are tried; where more than one leaves a line that sshd could have written, none is taken.
#include "sources/logins/readers.h"
#include "sources/logins/text.h"

namespace sightline::logins {
namespace {

struct Attempt {
  std::string_view who;  // [invalid user ]USER
  Endpoint source;
  std::string_view extra;  // KEY
};

// What follows " from " at some place.
std::optional<Attempt> attempt_at(std::string_view text, std::size_t place) {
  constexpr std::string_view kFrom = " from ";
  Attempt attempt{.who = text.substr(0, place), .source = {}, .extra = {}};
  text.remove_prefix(place + kFrom.size());
  const auto source = take_endpoint(text);
  if (!source) return std::nullopt;
  attempt.source = *source;
  if (!take_front(text, " ssh2")) take_front(text, " ssh1");
  if (text.empty()) return attempt;
  if (!take_front(text, ": ")) return std::nullopt;
  attempt.extra = text;
  return attempt;
}

// The extra of gssapi and of methods yet to come is one word; anything longer must be a key.
bool is_plausible(const Attempt& attempt, std::string_view method) {
  if (attempt.extra.empty() || parse_key(attempt.extra)) return true;
  return method.starts_with("gssapi") && is_word(attempt.extra);
}

struct Readings {
  std::optional<Attempt> only;
  int count = 0;
};

Readings find_readings(std::string_view text, std::string_view method) {
  std::optional<Attempt> any;
  int places = 0;
  Readings readings;
  for (std::size_t place = text.find(" from "); place != std::string_view::npos;
       place = text.find(" from ", place + 1)) {
    const auto attempt = attempt_at(text, place);
    if (!attempt) continue;
    ++places;
    any = attempt;
    if (!is_plausible(*attempt, method)) continue;
    ++readings.count;
    readings.only = attempt;
  }
  // An extra of a kind that is not known here.
  if (places == 1 && !any->extra.contains(" from ")) return {any, 1};
  if (readings.count != 1) readings.only.reset();
  return readings;
}

void set_method(std::string_view method, LoginFacts& facts) {
  const std::size_t slash = method.find('/');
  facts.method = method.substr(0, slash);
  if (slash != std::string_view::npos) facts.submethod = method.substr(slash + 1);
}

}  // namespace

bool read_sshd_attempt(std::string_view text, LoginFacts& facts) {
  const auto method = take_until(text, " for ");
  if (!method) return false;
  set_method(*method, facts);
  const auto attempt = find_readings(text, facts.method).only;
  if (!attempt) {
    facts.ambiguous = {"user", "target_user", "src_ip", "src_port", "key_fingerprint"};
    return true;
  }
  facts.source = attempt->source;
  if (const auto key = parse_key(attempt->extra)) {
    facts.key = *key;
  } else {
    facts.reason = attempt->extra;
  }
  std::string_view user = attempt->who;
  const bool unknown = take_front(user, "invalid user ") || take_front(user, "illegal user ");
  if (unknown) facts.result = "invalid user";
  // The method of a failure is the peer's word too: "password for alice from …".
  if (user.contains(" for ") || !is_word(*method)) {
    facts.ambiguous = {"user", "target_user", "method"};
    facts.method = {};
    facts.submethod = {};
    return true;
  }
  facts.user = user;
  facts.target_user = user;
  return true;
}

}  // namespace sightline::logins
