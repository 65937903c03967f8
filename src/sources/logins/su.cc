// su's lines, of util-linux and of shadow:
//
//   [FAILED SU ](to TARGET) USER on TTY
//   Successful su for TARGET by USER      FAILED su for TARGET by USER
//   + TTY USER:TARGET      - TTY USER:TARGET
//
// USER is an account's name; TARGET of a failure is whatever was typed.
#include "sources/logins/readers.h"
#include "sources/logins/text.h"

namespace sightline::logins {
namespace {

bool set(LoginFacts& facts, bool success, std::string_view user, std::string_view target) {
  if (!is_word(user)) return false;
  facts.type = success ? "switch_user" : "switch_user_failed";
  facts.result = success ? "accepted" : "failed";
  facts.success = success;
  facts.user = user;
  facts.target_user = target;
  return true;
}

bool read_util_linux(std::string_view text, bool success, LoginFacts& facts) {
  const auto tty = take_behind_last(text, " on ");
  const auto user = take_behind_last(text, ") ");
  if (!tty || !user || !is_word(*tty)) return false;
  facts.tty = *tty;
  return set(facts, success, *user, text);
}

bool read_shadow(std::string_view text, bool success, LoginFacts& facts) {
  const auto user = take_behind_last(text, " by ");
  return user && set(facts, success, *user, text);
}

// "/dev/pts/0 alice:root"
bool read_sulog(std::string_view text, bool success, LoginFacts& facts) {
  const auto tty = take_until(text, " ");
  const auto user = take_until(text, ":");
  if (!tty || !user || !set(facts, success, *user, text)) return false;
  facts.tty = *tty;
  return true;
}

}  // namespace

bool read_su(std::string_view text, LoginFacts& facts) {
  if (take_front(text, "(to ")) return read_util_linux(text, true, facts);
  if (take_front(text, "FAILED SU (to ")) return read_util_linux(text, false, facts);
  if (take_front(text, "Successful su for ")) return read_shadow(text, true, facts);
  if (take_front(text, "FAILED su for ")) return read_shadow(text, false, facts);
  if (take_front(text, "+ ")) return read_sulog(text, true, facts);
  if (take_front(text, "- ")) return read_sulog(text, false, facts);
  return false;
}

}  // namespace sightline::logins
