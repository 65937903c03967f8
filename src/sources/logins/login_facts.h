// What the messages of sshd, sudo, su, PAM and systemd-logind say about somebody logging in or becoming somebody else.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "event/event.h"

namespace sightline::logins {

// Of a key that was offered, and of the certificate it came with. Empty: not said.
struct KeyFacts {
  std::string_view type;         // RSA, ED25519, ECDSA-CERT, …
  std::string_view fingerprint;  // SHA256:…, or colons between hexadecimal pairs in old versions
  std::string_view certificate_id;
  std::string_view certificate_serial;
  std::string_view authority_type;
  std::string_view authority_fingerprint;
};

struct Endpoint {
  std::string_view ip;  // empty where the program did not know it
  std::optional<std::int64_t> port;
};

// Views point into the message, or have static storage. Empty or nullopt: the message does not say.
struct LoginFacts {
  std::string_view type;    // the verb; empty: not about a login
  std::string_view result;  // accepted, failed, invalid user, disconnected, too many failures, …
  std::optional<bool> success;
  std::string_view service;
  std::string_view method;
  std::string_view submethod;
  KeyFacts key;
  std::optional<std::string_view> user;         // who acts; may be the empty name
  std::optional<std::string_view> target_user;  // whom he becomes
  Endpoint source;
  Endpoint destination;
  std::string_view remote_host;  // the peer's name where it is no address
  std::string_view tty;          // as written: pts/0, /dev/pts/0
  std::string_view cwd;
  std::string_view arguments;
  std::string_view session;
  std::string_view reason;  // in the program's or the peer's own words
  std::string_view pam_module;
  std::int64_t repeated = 0;                // how many times this happened, where one message stands for several
  bool preauth = false;                     // the peer had not logged in
  std::vector<std::string_view> ambiguous;  // fields whose value cannot be told from text that somebody made up
};

// Adds the facts to the event: event_type login where there is a verb, fields and attributes. What is not in the
// event's batch already must have static storage; `arena` is the batch's.
void add_to(Event& event, const LoginFacts& facts, Arena& arena);

}  // namespace sightline::logins
