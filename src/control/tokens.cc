#include "control/tokens.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <map>
#include <mutex>

#include "base/descriptor.h"
#include "base/hash.h"
#include "control/audit_entry.h"
#include "control/database.h"
#include "control/sql.h"
#include "control/token_doubts.h"

namespace sightline::control {

namespace {

constexpr std::string_view kPrefix = "slt_";
constexpr std::size_t kIdBytes = 8;
constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kMaxText = 200;
constexpr std::uint64_t kMaxQuota = 1'000'000'000'000;
constexpr std::int64_t kLastUsedGranularityMs = 60'000;

constexpr std::array kScopes = {Scope::ingest,     Scope::search,      Scope::alerts_read, Scope::alerts_write,
                                Scope::rules_read, Scope::rules_write, Scope::metrics,     Scope::admin};

std::string random_hex(std::size_t size_bytes) {
  std::vector<std::uint8_t> bytes(size_bytes);
  randombytes_buf(bytes.data(), bytes.size());
  return to_hex(bytes);
}

std::string scopes_text(const Scopes& scopes) {
  std::string text;
  for (const Scope scope : scopes.list()) {
    if (!text.empty()) text += ' ';
    text += to_string(scope);
  }
  return text;
}

// Unknown words are left out: a scope that a newer version knew gives no right here.
Scopes parse_scopes(std::string_view text) {
  Scopes scopes;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (const auto scope = parse_scope(text.substr(0, end))) scopes.add(*scope);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return scopes;
}

Result<void> check_quota(const Quota& quota) {
  for (const std::uint64_t bound : {quota.requests_per_s, quota.bytes_per_s, quota.events_per_day}) {
    if (bound > kMaxQuota) return fail(ErrorCode::invalid_input, fmt::format("a quota is {} at most", kMaxQuota));
  }
  return {};
}

Result<void> check(const TokenSpec& spec) {
  if (spec.name.empty()) return fail(ErrorCode::invalid_input, "a token needs a name that says what it is for");
  if (const auto fine = check_quota(spec.quota); !fine) return fine;
  if (spec.scopes.empty()) return fail(ErrorCode::invalid_input, "a token needs at least one scope");
  for (const std::string* text : {&spec.name, &spec.agent_id, &spec.source}) {
    if (text->size() > kMaxText) {
      return fail(ErrorCode::invalid_input, fmt::format("name, agent_id and source have {} bytes at most", kMaxText));
    }
  }
  return {};
}

// A token's id and secret, from "slt_ID_SECRET". Both are hexadecimal and of fixed length.
struct TokenText {
  std::string id;
  std::string_view secret;
};

std::optional<TokenText> parse_token(std::string_view text) {
  if (!text.starts_with(kPrefix)) return std::nullopt;
  text.remove_prefix(kPrefix.size());
  if (text.size() != 2 * kIdBytes + 1 + 2 * kSecretBytes || text[2 * kIdBytes] != '_') return std::nullopt;
  return TokenText{std::string(text.substr(0, 2 * kIdBytes)), text.substr(2 * kIdBytes + 1)};
}

}  // namespace

std::string_view to_string(Scope scope) {
  switch (scope) {
    case Scope::ingest:
      return "ingest";
    case Scope::search:
      return "search";
    case Scope::alerts_read:
      return "alerts_read";
    case Scope::alerts_write:
      return "alerts_write";
    case Scope::rules_read:
      return "rules_read";
    case Scope::rules_write:
      return "rules_write";
    case Scope::metrics:
      return "metrics";
    case Scope::admin:
      break;
  }
  return "admin";
}

std::optional<Scope> parse_scope(std::string_view text) {
  const auto found = std::ranges::find(kScopes, text, [](Scope scope) { return to_string(scope); });
  return found == kScopes.end() ? std::nullopt : std::optional(*found);
}

std::vector<Scope> Scopes::list() const {
  std::vector<Scope> scopes;
  std::ranges::copy_if(kScopes, std::back_inserter(scopes), [&](Scope scope) { return contain(scope); });
  return scopes;
}

std::string Token::principal() const { return spec.agent_id.empty() ? "token:" + id : "agent:" + spec.agent_id; }

// The secret has 256 random bits, so a plain SHA-256 of it cannot be searched; slow password hashes are for what people
// make up, and would cost milliseconds a request.
struct TokenTable::State {
  struct Entry {
    Token token;
    Sha256Digest secret_hash{};
  };
  std::mutex changing_quotas;  // taken before the other
  std::mutex mutex;            // guards the rest
  std::map<std::string, Entry, std::less<>> live;
};

TokenTable::TokenTable(Database& database, std::unique_ptr<State> state)
    : database_(database), state_(std::move(state)) {}
TokenTable::~TokenTable() = default;

namespace {

constexpr const char* kColumns =
    "SELECT id, name, scopes, agent_id, source, created_by, created_ms, last_used_ms, revoked_ms, secret_hash, "
    "requests_per_s, bytes_per_s, events_per_day FROM tokens ORDER BY created_ms, id";

Token row_of(SQLite::Statement& row) {
  Token token;
  token.id = sql::text(row.getColumn(0));
  token.spec.name = sql::text(row.getColumn(1));
  token.spec.scopes = parse_scopes(sql::text(row.getColumn(2)));
  token.spec.agent_id = sql::text(row.getColumn(3));
  token.spec.source = sql::text(row.getColumn(4));
  token.created_by = sql::text(row.getColumn(5));
  token.created_ms = sql::integer(row.getColumn(6));
  token.last_used_ms = sql::optional_integer(row.getColumn(7));
  token.revoked_ms = sql::optional_integer(row.getColumn(8));
  token.spec.quota = {sql::unsigned_integer(row.getColumn(10)), sql::unsigned_integer(row.getColumn(11)),
                      sql::unsigned_integer(row.getColumn(12))};
  return token;
}

}  // namespace

Result<std::unique_ptr<TokenTable>> TokenTable::load(Database& database) {
  if (sodium_init() < 0) return fail(ErrorCode::internal, "libsodium does not start");
  auto state = std::make_unique<State>();
  const auto loaded = database.read([&](SQLite::Database& connection) {
    SQLite::Statement row(connection, kColumns);
    while (row.executeStep()) {
      const Token token = row_of(row);
      if (!token.revoked_ms) state->live[token.id] = {token, sql::bytes<Sha256Digest>(row.getColumn(9))};
    }
  });
  if (!loaded) return std::unexpected(loaded.error());
  return std::unique_ptr<TokenTable>(new TokenTable(database, std::move(state)));
}

Result<NewToken> TokenTable::create(const TokenSpec& spec, std::string_view by, std::int64_t now_ms) {
  if (const auto fine = check(spec); !fine) return std::unexpected(fine.error());
  NewToken created;
  created.token = {random_hex(kIdBytes), spec, std::string(by), now_ms, std::nullopt, std::nullopt};
  const std::string secret = random_hex(kSecretBytes);
  created.secret = fmt::format("{}{}_{}", kPrefix, created.token.id, secret);
  const Sha256Digest secret_hash = sha256(secret);
  const auto stored = database_.write([&](SQLite::Database& connection) {
    const std::string scopes = scopes_text(spec.scopes);
    sql::execute(connection,
                 "INSERT INTO tokens (id, secret_hash, name, scopes, agent_id, source, created_by, created_ms, "
                 "requests_per_s, bytes_per_s, events_per_day) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
                 created.token.id, sql::blob(secret_hash), spec.name, scopes, spec.agent_id, spec.source, by, now_ms,
                 spec.quota.requests_per_s, spec.quota.bytes_per_s, spec.quota.events_per_day);
    append_audit_entry(connection,
                       {0,
                        now_ms,
                        std::string(by),
                        std::string(kCreateTokenAction),
                        created.token.id,
                        creation_detail({created.token.id, secret_hash, spec.name, scopes, spec.agent_id, spec.source}),
                        {}});
  });
  if (!stored) return std::unexpected(stored.error());
  const std::scoped_lock lock(state_->mutex);
  state_->live[created.token.id] = {created.token, secret_hash};
  return created;
}

Result<Token> TokenTable::authenticate(std::string_view secret, std::int64_t now_ms) {
  const auto refused = fail(ErrorCode::unauthenticated, "the token is unknown or revoked");
  const std::optional<TokenText> text = parse_token(secret);
  if (!text) return refused;
  const Sha256Digest hash = sha256(text->secret);
  Token token;
  bool note_use = false;
  {
    const std::scoped_lock lock(state_->mutex);
    const auto found = state_->live.find(text->id);
    if (found == state_->live.end()) return refused;
    if (sodium_memcmp(hash.data(), found->second.secret_hash.data(), hash.size()) != 0) return refused;
    Token& live = found->second.token;
    note_use = !live.last_used_ms || now_ms - *live.last_used_ms >= kLastUsedGranularityMs;
    if (note_use) live.last_used_ms = now_ms;
    token = live;
  }
  if (note_use) {
    // A failure to note it does not lock the bearer out.
    (void)database_.write([&](SQLite::Database& connection) {
      sql::execute(connection, "UPDATE tokens SET last_used_ms = ?2 WHERE id = ?1", token.id, now_ms);
    });
  }
  return token;
}

Result<void> TokenTable::revoke(std::string_view id, std::string_view by, std::int64_t now_ms) {
  const auto revoked = database_.write([&](SQLite::Database& connection) {
    SQLite::Statement row(connection, "SELECT revoked_ms IS NOT NULL FROM tokens WHERE id = ?1");
    sql::bind_all(row, id);
    if (!row.executeStep()) throw Failure{{ErrorCode::not_found, fmt::format("no token has the id {}", id)}};
    if (row.getColumn(0).getInt() != 0) return;
    row.reset();
    sql::execute(connection, "UPDATE tokens SET revoked_ms = ?2 WHERE id = ?1", id, now_ms);
    append_audit_entry(connection,
                       {0, now_ms, std::string(by), std::string(kRevokeTokenAction), std::string(id), "", {}});
  });
  if (!revoked) return revoked;
  const std::scoped_lock lock(state_->mutex);
  if (const auto found = state_->live.find(id); found != state_->live.end()) state_->live.erase(found);
  return {};
}

// One after the other, so that none takes back another's and the live quota is the stored one.
Result<Token> TokenTable::change_quota(std::string_view id, const QuotaChange& change, std::string_view by,
                                       std::int64_t now_ms) {
  const std::scoped_lock changing(state_->changing_quotas);
  Quota quota;
  {
    const std::scoped_lock lock(state_->mutex);
    const auto found = state_->live.find(id);
    if (found == state_->live.end()) {
      return fail(ErrorCode::not_found, fmt::format("no token in force has the id {}", id));
    }
    quota = change.applied_to(found->second.token.spec.quota);
  }
  if (const auto fine = check_quota(quota); !fine) return std::unexpected(fine.error());
  const auto stored = database_.write([&](SQLite::Database& connection) {
    sql::execute(connection,
                 "UPDATE tokens SET requests_per_s = ?2, bytes_per_s = ?3, events_per_day = ?4 WHERE id = ?1", id,
                 quota.requests_per_s, quota.bytes_per_s, quota.events_per_day);
    append_audit_entry(connection, {0,
                                    now_ms,
                                    std::string(by),
                                    "token.quota",
                                    std::string(id),
                                    fmt::format("{} requests/s, {} bytes/s, {} events/day (0: no bound)",
                                                quota.requests_per_s, quota.bytes_per_s, quota.events_per_day),
                                    {}});
  });
  if (!stored) return std::unexpected(stored.error());
  const std::scoped_lock lock(state_->mutex);
  const auto found = state_->live.find(id);
  if (found == state_->live.end()) return fail(ErrorCode::not_found, "the token was revoked meanwhile");
  found->second.token.spec.quota = quota;
  return found->second.token;
}

Result<std::vector<Token>> TokenTable::list() {
  return database_.read([](SQLite::Database& connection) {
    SQLite::Statement row(connection, kColumns);
    std::vector<Token> tokens;
    while (row.executeStep()) tokens.push_back(row_of(row));
    return tokens;
  });
}

Result<std::vector<std::string>> TokenTable::doubts(std::uint32_t limit) {
  return database_.read([&](SQLite::Database& connection) { return find_token_doubts(connection, limit); });
}

Result<bool> TokenTable::create_first_admin(const std::filesystem::path& file, std::int64_t now_ms) {
  const auto tokens = list();
  if (!tokens) return std::unexpected(tokens.error());
  // A crash between the row and the file leaves a token that nobody holds: it does not count.
  const bool held = std::ranges::any_of(
      *tokens, [](const Token& token) { return token.created_by != "first start" || token.last_used_ms; });
  std::error_code ignored;
  if (held || (!tokens->empty() && std::filesystem::exists(file, ignored))) return false;
  for (const Token& orphan : *tokens) {
    if (const auto revoked = revoke(orphan.id, "first start", now_ms); !revoked)
      return std::unexpected(revoked.error());
  }
  std::filesystem::remove(file, ignored);
  const auto created = create({"first administrator", {Scope::admin}, "", "", {}}, "first start", now_ms);
  if (!created) return std::unexpected(created.error());
  if (const auto written = write_file(file, created->secret + "\n", Existing::refuse); !written) {
    (void)revoke(created->token.id, "first start", now_ms);
    return std::unexpected(written.error());
  }
  return true;
}

}  // namespace sightline::control
