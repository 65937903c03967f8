// sshd's messages, by how they begin: sshd writes the beginning, so no peer can forge it. Wording of OpenSSH 3 to 9.
#include <algorithm>

#include "sources/logins/readers.h"
#include "sources/logins/text.h"

namespace sightline::logins {
namespace {

void set_user(LoginFacts& facts, std::string_view user) {
  facts.user = user;
  facts.target_user = user;
}

// "… from IP[ port N]" at the end: takes it off.
bool take_source_back(std::string_view& text, LoginFacts& facts) {
  std::string_view before = text;
  const auto behind = take_behind_last(before, " from ");
  const auto source = behind ? parse_endpoint(*behind) : std::nullopt;
  if (!source) return false;
  facts.source = *source;
  text = before;
  return true;
}

bool read_accepted(std::string_view text, LoginFacts& facts) {
  return read_sshd_attempt(text, facts) && set(facts, "login", "accepted", true);
}

bool read_failed(std::string_view text, LoginFacts& facts) {
  const bool read = read_sshd_attempt(text, facts);
  return read && set(facts, "login_failed", facts.result.empty() ? "failed" : facts.result, false);
}

bool read_partial(std::string_view text, LoginFacts& facts) {
  return read_sshd_attempt(text, facts) && set(facts, "auth", "partial", true);
}

bool read_postponed(std::string_view text, LoginFacts& facts) {
  return read_sshd_attempt(text, facts) && set(facts, "auth", "postponed", {});
}

// "USER from IP[ port N]"
bool read_invalid_user(std::string_view text, LoginFacts& facts) {
  set(facts, "account_check_failed", "invalid user", false);
  if (take_source_back(text, facts)) {
    set_user(facts, text);
  } else {
    facts.ambiguous = {"user", "target_user", "src_ip"};
  }
  return true;
}

bool read_invalid_request(std::string_view text, LoginFacts& facts) {
  set_user(facts, text);
  return set(facts, "account_check_failed", "invalid user", false);
}

// "USER from HOST not allowed because …" or "USER not allowed because …": USER is an account's name.
bool read_user_not_allowed(std::string_view text, LoginFacts& facts) {
  const auto reason = take_behind_last(text, " not allowed because ");
  if (!reason) return false;
  if (!take_source_back(text, facts)) {
    std::string_view before = text;
    const auto host = take_behind_last(before, " from ");
    if (host && is_word(*host)) {
      facts.remote_host = *host;
      text = before;
    }
  }
  set_user(facts, text);
  facts.reason = *reason;
  return set(facts, "account_check_failed", "not allowed", false);
}

// "[invalid user ]USER from IP port N ssh2"
bool read_too_many(std::string_view text, LoginFacts& facts) {
  set(facts, "auth_failed", "too many failures", false);
  take_back(text, " ssh2");
  if (!take_source_back(text, facts)) {
    facts.ambiguous = {"user", "target_user", "src_ip"};
    return true;
  }
  take_front(text, "invalid user ") || take_front(text, "illegal user ");
  set_user(facts, text);
  return true;
}

// " for USER" of old versions, or nothing.
bool read_disconnecting_too_many(std::string_view text, LoginFacts& facts) {
  if (take_front(text, " for ")) set_user(facts, text);
  return set(facts, "disconnect", "too many failures", false);
}

// Who is at the other end, as sshd names a connection: "[authenticating user U |invalid user U |user U ]IP port N",
// with ": REASON" behind it or not. U is what the peer typed, and REASON may be his words too.
struct Peer {
  std::optional<std::string_view> user;
  Endpoint source;
  std::string_view reason;
};

std::optional<Peer> peer_at(std::string_view text, std::size_t place) {
  Peer peer{.user = text.substr(0, place), .source = {}, .reason = {}};
  text.remove_prefix(place + 1);
  const auto source = take_endpoint(text);
  if (!source) return std::nullopt;
  peer.source = *source;
  if (text.empty()) return peer;
  if (!take_front(text, ": ")) return std::nullopt;
  peer.reason = text;
  return peer;
}

// Whether a line has a reason behind the peer, and whose words it may end in.
enum class Reason : std::uint8_t { none, of_sshd, of_peer };

// `text` behind "user ". nullopt: it can be read in several ways.
std::optional<Peer> find_peer(std::string_view text, Reason reason) {
  constexpr std::string_view kTooMany = "Too many authentication failures";
  std::optional<Peer> only;
  int readings = 0;
  for (std::size_t place = text.find(' '); place != std::string_view::npos; place = text.find(' ', place + 1)) {
    const auto peer = peer_at(text, place);
    if (!peer || (reason == Reason::none) != peer->reason.empty()) continue;
    if (reason == Reason::of_sshd && peer->reason == kTooMany) return peer;  // nothing of the peer's is behind it
    ++readings;
    only = peer;
  }
  return readings == 1 ? only : std::nullopt;
}

bool read_peer(std::string_view text, Reason reason, LoginFacts& facts) {
  const bool named = take_front(text, "authenticating user ") || take_front(text, "user ");
  const bool unknown = !named && take_front(text, "invalid user ");
  if (!named && !unknown) {
    const auto source = take_endpoint(text);
    if (!source) return false;
    facts.source = *source;
    if (take_front(text, ":")) {
      take_front(text, " ");
      facts.reason = text;
    }
    return true;
  }
  if (const auto peer = find_peer(text, reason)) {
    set_user(facts, *peer->user);
    facts.source = peer->source;
    facts.reason = peer->reason;
  } else {
    facts.ambiguous = {"user", "target_user", "src_ip", "src_port"};
  }
  return true;
}

bool read_closed(std::string_view text, LoginFacts& facts) {
  return read_peer(text, Reason::none, facts) && set(facts, "disconnect", "disconnected", {});
}

// "IP port N:CODE: REASON", "IP port N: REASON"
bool read_refused(std::string_view text, LoginFacts& facts) {
  return read_peer(text, Reason::of_peer, facts) && set(facts, "disconnect", "disconnected", {});
}

// Behind the login it is the end of somebody's session.
bool read_disconnected(std::string_view text, LoginFacts& facts) {
  const bool logged_in = text.starts_with("user ");
  return read_peer(text, Reason::none, facts) && set(facts, logged_in ? "logout" : "disconnect", "disconnected", {});
}

bool read_disconnecting(std::string_view text, LoginFacts& facts) {
  if (!read_peer(text, Reason::of_sshd, facts)) return false;
  const bool too_many = text.ends_with(": Too many authentication failures");
  return too_many ? set(facts, "disconnect", "too many failures", false) : set(facts, "disconnect", "disconnected", {});
}

// "IP port N" at the end of text in which the peer had his say.
bool read_said_from(std::string_view text, LoginFacts& facts) {
  return take_source_back(text, facts) && set(facts, "disconnect", "disconnected", {});
}

bool read_no_identification(std::string_view text, LoginFacts& facts) {
  const auto source = parse_endpoint(text);
  if (!source) return false;
  facts.source = *source;
  return set(facts, "disconnect", "disconnected", {});
}

// "IP port N on IP port N…"
bool read_connection(std::string_view text, LoginFacts& facts) {
  const auto source = take_endpoint(text);
  if (!source || !take_front(text, " on ")) return false;
  facts.source = *source;
  if (const auto destination = take_endpoint(text)) facts.destination = *destination;
  return set(facts, "connect", {}, {});
}

// "shell on pts/0 for USER from IP port N id M": what runs is the administrator's or the logged-in user's word.
bool read_session_start(std::string_view text, LoginFacts& facts) {
  std::string_view rest = text;
  const auto id = take_behind_last(rest, " id ");
  if (!id || !parse_number(*id) || !take_source_back(rest, facts)) return false;
  const auto user = take_behind_last(rest, " for ");
  if (!user || !is_word(*user)) return false;
  set_user(facts, *user);
  if (const auto tty = take_behind_last(rest, " on "); tty && is_word(*tty)) facts.tty = *tty;
  return set(facts, "session_open", {}, true);
}

// "user USER from IP port N id M"
bool read_session_end(std::string_view text, LoginFacts& facts) {
  const auto id = take_behind_last(text, " id ");
  if (!id || !parse_number(*id) || !take_source_back(text, facts)) return false;
  set_user(facts, text);
  return set(facts, "session_close", {}, true);
}

// "Authentication failure for [illegal user ]USER from HOST"
bool read_pam_error(std::string_view text, LoginFacts& facts) {
  const auto reason = take_until(text, " for ");
  const auto host = take_behind_last(text, " from ");
  if (!reason || !host || !is_word(*host)) return false;
  if (is_ip(*host)) {
    facts.source.ip = *host;
  } else {
    facts.remote_host = *host;
  }
  const bool unknown = take_front(text, "illegal user ") || take_front(text, "invalid user ");
  set_user(facts, text);
  facts.reason = *reason;
  return set(facts, "auth_failed", unknown ? "invalid user" : "failed", false);
}

bool read_root_refused(std::string_view text, LoginFacts& facts) {
  const auto source = parse_endpoint(text);
  if (!source) return false;
  facts.source = *source;
  set_user(facts, "root");
  return set(facts, "account_check_failed", "not allowed", false);
}

// "IP port N", or of OpenSSH 9.8 "connection from IP to IP, pid = N"
bool read_timeout(std::string_view text, LoginFacts& facts) {
  take_front(text, "connection from ");
  const auto source = take_endpoint(text);
  if (!source) return false;
  facts.source = *source;
  return set(facts, "disconnect", "timeout", {});
}

// `"NAME" (serial N) signed by RSA CA SHA256:… via FILE`
bool read_certificate(std::string_view text, LoginFacts& facts) {
  const auto signer = take_behind_last(text, " signed by ");
  const auto serial = take_behind_last(text, "\" (serial ");
  if (!signer || !serial || !take_front(text, "\"")) return false;
  std::string_view number = *serial;
  if (!take_back(number, ")") || number.empty() || number.find_first_not_of("0123456789") != std::string_view::npos) {
    return false;
  }
  std::string_view authority = *signer;
  const auto type = take_until(authority, " CA ");
  if (!type) return false;
  facts.key = {.type = {},
               .fingerprint = {},
               .certificate_id = text,
               .certificate_serial = number,
               .authority_type = *type,
               .authority_fingerprint = authority.substr(0, authority.find(' '))};
  facts.method = "publickey";
  return set(facts, "auth", "accepted", true);
}

// "RSA SHA256:… found at FILE:LINE"
bool read_key(std::string_view text, LoginFacts& facts) {
  const auto found = text.find(" found at ");
  const auto key = parse_key(text.substr(0, found));
  if (found == std::string_view::npos || !key) return false;
  facts.key = *key;
  facts.method = "publickey";
  return set(facts, "auth", "accepted", true);
}

// "for HOST [IP] failed - POSSIBLE BREAK-IN ATTEMPT!": nothing about a login, yet the address is worth having.
bool read_reverse_mapping(std::string_view text, LoginFacts& facts) {
  const auto place = text.rfind(" [");
  const auto end = text.rfind("] failed");
  if (place == std::string_view::npos || end == std::string_view::npos || end < place) return false;
  const std::string_view ip = text.substr(place + 2, end - place - 2);
  if (is_ip(ip)) facts.source.ip = ip;
  return false;
}

// "2 more authentication failures; logname=…"
bool read_pam_count(std::string_view text, LoginFacts& facts) {
  facts.pam_module = "pam_unix";
  return read_pam_more_failures(text, facts);
}

struct Reader {
  std::string_view beginning;
  bool (*read)(std::string_view text, LoginFacts& facts);
};

// In order: the first beginning that fits decides.
constexpr Reader kReaders[] = {
    {"Accepted certificate ID ", read_certificate},
    {"Accepted key ", read_key},
    {"Accepted ", read_accepted},
    {"Failed ", read_failed},
    {"Partial ", read_partial},
    {"Postponed ", read_postponed},
    {"Invalid user ", read_invalid_user},
    {"Illegal user ", read_invalid_user},
    {"input_userauth_request: invalid user ", read_invalid_request},
    {"input_userauth_request: illegal user ", read_invalid_request},
    {"User ", read_user_not_allowed},
    {"maximum authentication attempts exceeded for ", read_too_many},
    {"Disconnecting: Too many authentication failures", read_disconnecting_too_many},
    {"Disconnecting ", read_disconnecting},
    {"Disconnected from ", read_disconnected},
    {"Connection closed by ", read_closed},
    {"Connection reset by ", read_closed},
    {"Received disconnect from ", read_refused},
    {"Unable to negotiate with ", read_refused},
    {"Did not receive identification string from ", read_no_identification},
    {"Bad protocol version identification ", read_said_from},
    {"banner exchange: Connection from ", read_refused},
    {"Timeout before authentication for ", read_timeout},
    {"Connection from ", read_connection},
    {"Starting session: ", read_session_start},
    {"Close session: user ", read_session_end},
    {"PAM: ", read_pam_error},
    {"ROOT LOGIN REFUSED FROM ", read_root_refused},
    {"reverse mapping checking getaddrinfo for ", read_reverse_mapping},
    {"PAM ", read_pam_count},
};

}  // namespace

bool read_sshd(std::string_view text, LoginFacts& facts) {
  take_front(text, "error: ") || take_front(text, "fatal: ");
  facts.preauth = take_back(text, " [preauth]");
  const auto* const reader =
      std::ranges::find_if(kReaders, [text](const Reader& known) { return text.starts_with(known.beginning); });
  return reader != std::ranges::end(kReaders) && reader->read(text.substr(reader->beginning.size()), facts);
}

}  // namespace sightline::logins
