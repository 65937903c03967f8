// Bearer tokens: who may do what.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace sightline::control {

class Database;

enum class Scope : std::uint8_t { ingest, search, alerts_read, alerts_write, rules_read, rules_write, metrics, admin };
std::string_view to_string(Scope scope);
std::optional<Scope> parse_scope(std::string_view text);

// A set of scopes; admin contains all others.
class Scopes {
 public:
  Scopes() = default;
  Scopes(std::initializer_list<Scope> scopes) {
    for (const Scope scope : scopes) add(scope);
  }
  void add(Scope scope) { bits_ |= bit(scope); }
  bool allow(Scope scope) const { return (bits_ & (bit(scope) | bit(Scope::admin))) != 0; }
  bool contain(Scope scope) const { return (bits_ & bit(scope)) != 0; }
  bool empty() const { return bits_ == 0; }
  std::vector<Scope> list() const;
  bool operator==(const Scopes&) const = default;

 private:
  static std::uint32_t bit(Scope scope) { return 1U << static_cast<unsigned>(scope); }
  std::uint32_t bits_ = 0;
};

// How much a bearer may ask for. 0: without a bound.
struct Quota {
  std::uint64_t requests_per_s = 0;
  std::uint64_t bytes_per_s = 0;     // of ingest bodies, as sent
  std::uint64_t events_per_day = 0;  // stored, from midnight to midnight UTC

  bool operator==(const Quota&) const = default;
  bool empty() const { return *this == Quota(); }
};

// Other bounds for some members; the others stay.
struct QuotaChange {
  std::optional<std::uint64_t> requests_per_s;
  std::optional<std::uint64_t> bytes_per_s;
  std::optional<std::uint64_t> events_per_day;

  Quota applied_to(const Quota& quota) const {
    return {requests_per_s.value_or(quota.requests_per_s), bytes_per_s.value_or(quota.bytes_per_s),
            events_per_day.value_or(quota.events_per_day)};
  }
};

struct TokenSpec {
  std::string name;  // for people: what it is for
  Scopes scopes;     // at least one
  // Where set, the token may send only for this agent, or only as this source.
  std::string agent_id;
  std::string source;
  Quota quota{};
};

struct Token {
  std::string id;  // 16 hexadecimal digits; not secret
  TokenSpec spec;
  std::string created_by;  // principal
  std::int64_t created_ms = 0;
  std::optional<std::int64_t> last_used_ms;  // written at most once a minute
  std::optional<std::int64_t> revoked_ms;

  // Who the bearer is: "agent:ID" where bound to an agent, so that a new token for it continues its batches; else
  // "token:ID".
  std::string principal() const;
};

struct NewToken {
  Token token;
  std::string secret;  // the whole text to send after "Bearer "; it cannot be shown again
};

// Thread-safe. The live tokens are held in memory: authenticate() never waits for the disk.
// Errors besides those named: corrupt, unavailable.
class TokenTable {
 public:
  // Loads the tokens.
  static Result<std::unique_ptr<TokenTable>> load(Database& database);
  ~TokenTable();

  // invalid_input: no name, no scope, or too long. Noted in the audit log, like revoke().
  Result<NewToken> create(const TokenSpec& spec, std::string_view by, std::int64_t now_ms);
  // The bearer of `secret`. unauthenticated: unknown, malformed or revoked (one message for all).
  Result<Token> authenticate(std::string_view secret, std::int64_t now_ms);
  // not_found; revoking twice is no error.
  Result<void> revoke(std::string_view id, std::string_view by, std::int64_t now_ms);
  // From the next request on. not_found: unknown or revoked. invalid_input: a bound is too large. Noted in the audit
  // log.
  Result<Token> change_quota(std::string_view id, const QuotaChange& change, std::string_view by, std::int64_t now_ms);
  // Revoked ones included, oldest first.
  Result<std::vector<Token>> list();
  // What the audit log does not account for, `limit` lines of tokens there and as many of tokens that are gone: for
  // verify.
  Result<std::vector<std::string>> doubts(std::uint32_t limit);
  // On the first start, when no token exists: makes one with scope admin and writes it, with a line feed, to a new
  // `file` of mode 0600. Again where a crash, or somebody, removed the file before the token was ever used; the earlier
  // token is then revoked. True where it wrote one.
  Result<bool> create_first_admin(const std::filesystem::path& file, std::int64_t now_ms);

 private:
  struct State;
  TokenTable(Database& database, std::unique_ptr<State> state);
  Database& database_;
  std::unique_ptr<State> state_;
};

}  // namespace sightline::control
