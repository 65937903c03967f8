// Lines of PAM modules:
//
//   MODULE(SERVICE:STEP): session opened for user U[(uid=N)] by [BY](uid=N)
//   MODULE(SERVICE:STEP): authentication failure; logname=L uid=N euid=N tty=T ruser=R rhost=H [ user=U]
//   …
#include <algorithm>

#include "sources/logins/readers.h"
#include "sources/logins/text.h"

namespace sightline::logins {
namespace {

// "alice(uid=1000)" is alice; the number came later.
std::string_view without_uid(std::string_view name) {
  if (!name.ends_with(')')) return name;
  const std::size_t place = name.rfind("(uid=");
  return place == std::string_view::npos ? name : name.substr(0, place);
}

bool read_session_opened(std::string_view text, LoginFacts& facts) {
  const auto by = take_behind_last(text, " by ");
  if (!by) return false;
  const std::string_view actor = without_uid(*by);
  facts.target_user = without_uid(text);
  // LOGIN is what stands there for programs that nobody is logged in to.
  facts.user = actor.empty() || actor == "LOGIN" ? facts.target_user : actor;
  return set(facts, "session_open", {}, true);
}

bool read_session_closed(std::string_view text, LoginFacts& facts) {
  facts.target_user = text;
  return set(facts, "session_close", {}, true);
}

void set_remote_host(std::string_view host, LoginFacts& facts) {
  if (is_ip(host)) {
    facts.source.ip = host;
  } else {
    facts.remote_host = host;
  }
}

bool occurs_once(std::string_view text, std::string_view part) {
  const std::size_t place = text.find(part);
  return place != std::string_view::npos && text.find(part, place + 1) == std::string_view::npos;
}

// Behind "authentication failure; ". The name at the end is what the peer typed; ruser is empty for sshd, and a
// peer's word or an account of this host elsewhere.
void read_peer(std::string_view text, LoginFacts& facts) {
  if (!text.starts_with("logname=")) return;
  const std::string_view whole = text;
  if (!take_until(text, " tty=")) return;
  const auto tty = take_until(text, " ruser=");
  const bool sure = text.starts_with(" rhost=") ? facts.service == "sshd" || occurs_once(whole, " rhost=")
                                                : occurs_once(whole, " rhost=") && occurs_once(whole, " ruser=");
  const auto remote_user = take_until(text, " rhost=");
  if (!tty || !remote_user) return;
  if (!sure) {
    facts.ambiguous = {"user", "target_user", "src_ip"};
    return;
  }
  const std::size_t host_end = std::min(text.find(' '), text.size());
  set_remote_host(text.substr(0, host_end), facts);
  text.remove_prefix(host_end);
  facts.tty = *tty;
  if (!remote_user->empty()) facts.user = *remote_user;
  if (take_front(text, "  user=") || take_front(text, " user=")) {
    facts.target_user = text;
    if (!facts.user) facts.user = text;
  }
}

bool read_authentication(std::string_view text, bool success, LoginFacts& facts) {
  read_peer(text, facts);
  if (facts.pam_module == "pam_unix") facts.method = "password";
  return set(facts, success ? "auth" : "auth_failed", success ? "accepted" : "failed", success);
}

bool read_account(std::string_view text, LoginFacts& facts) {
  const auto user = take_until(text, " has expired");
  if (!user || !is_word(*user)) return false;
  facts.target_user = *user;
  facts.user = *user;
  return set(facts, "account_check_failed", "expired", false);
}

bool read_locked(std::string_view text, LoginFacts& facts) {
  if (!take_back(text, " account temporarily locked")) return false;
  facts.target_user = text;
  return set(facts, "account_lock", "too many failures", {});
}

bool read_unidentified(std::string_view text, LoginFacts& facts) {
  if (!take_back(text, "]")) return false;
  facts.target_user = text;
  return set(facts, "auth_failed", "failed", false);
}

bool read_password_changed(std::string_view text, LoginFacts& facts) {
  facts.target_user = text;
  return set(facts, "password_change", {}, true);
}

}  // namespace

bool read_pam_message(std::string_view text, LoginFacts& facts) {
  if (take_front(text, "session opened for user ")) return read_session_opened(text, facts);
  if (take_front(text, "session closed for user ")) return read_session_closed(text, facts);
  if (take_front(text, "authentication failure; ")) return read_authentication(text, false, facts);
  if (take_front(text, "authentication success; ")) return read_authentication(text, true, facts);
  if (text == "check pass; user unknown") return set(facts, "account_check_failed", "invalid user", false);
  if (text == "conversation failed") return set(facts, "auth_failed", "failed", false);
  if (take_front(text, "auth could not identify password for [")) return read_unidentified(text, facts);
  if (take_front(text, "account ")) return read_account(text, facts);
  if (take_front(text, "Consecutive login failures for user ")) return read_locked(text, facts);
  if (take_front(text, "password changed for ")) return read_password_changed(text, facts);
  if (take_front(text, "PAM ")) return read_pam_more_failures(text, facts);
  return false;
}

bool read_pam_more_failures(std::string_view text, LoginFacts& facts) {
  const auto count = take_until(text, " more authentication failure");
  if (!count || !parse_number(*count)) return false;
  take_front(text, "s");
  if (!take_front(text, "; ")) return false;
  facts.repeated = std::max<std::int64_t>(facts.repeated, 1) * std::min<std::int64_t>(*parse_number(*count), 1'000'000);
  return read_authentication(text, false, facts);
}

bool read_pam(std::string_view text, LoginFacts& facts) {
  const auto module = take_until(text, "(");
  auto place = take_until(text, "): ");
  if (!module || !is_word(*module) || !place || !is_word(*place)) return false;
  facts.pam_module = *module;
  auto service = take_until(*place, ":");
  if (!service || service->empty()) return false;
  facts.service = *service;
  if (facts.service == "su-l") facts.service = "su";
  if (facts.service == "sudo-i") facts.service = "sudo";
  return read_pam_message(text, facts);
}

}  // namespace sightline::logins
