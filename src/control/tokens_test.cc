#include "control/tokens.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <thread>

#include "control/control_store.h"
#include "testing/temporary_directory.h"

namespace sightline::control {
namespace {

constexpr std::int64_t kNow = 1'700'000'000'000;

class TokensTest : public ::testing::Test {
 protected:
  void SetUp() override { reopen(); }
  void reopen() {
    store_.reset();
    store_ = std::move(*ControlStore::open(directory_.path()));
  }
  TokenTable& tokens() { return store_->tokens(); }
  NewToken create(Scopes scopes) { return *tokens().create({"shipper", scopes, "", ""}, "test", kNow); }
  std::string read_file(const std::filesystem::path& file) const {
    std::ifstream input(file);
    return {std::istreambuf_iterator<char>(input), {}};
  }

  sightline::testing::TemporaryDirectory directory_;
  std::unique_ptr<ControlStore> store_;
};

TEST_F(TokensTest, AuthenticatesAcrossARestart) {
  const NewToken created = create({Scope::ingest});
  reopen();
  const auto token = tokens().authenticate(created.secret, kNow);
  ASSERT_TRUE(token);
  EXPECT_EQ(token->id, created.token.id);
  EXPECT_TRUE(token->spec.scopes.allow(Scope::ingest));
  EXPECT_FALSE(token->spec.scopes.allow(Scope::search));
  EXPECT_EQ(token->principal(), "token:" + created.token.id);
}

TEST_F(TokensTest, AdminMayDoEverything) {
  const Scopes admin{Scope::admin};
  for (const Scope scope : {Scope::ingest, Scope::search, Scope::alerts_read, Scope::alerts_write, Scope::rules_read,
                            Scope::rules_write, Scope::admin}) {
    EXPECT_TRUE(admin.allow(scope));
    EXPECT_EQ(parse_scope(to_string(scope)), scope);
  }
  EXPECT_FALSE(Scopes{Scope::search}.allow(Scope::admin));
  EXPECT_FALSE(parse_scope("everything"));
}

TEST_F(TokensTest, AgentsKeepTheirPrincipalOverTokens) {
  const auto created = tokens().create({"host", {Scope::ingest}, "agent-1", ""}, "test", kNow);
  ASSERT_TRUE(created);
  EXPECT_EQ(created->token.principal(), "agent:agent-1");
}

TEST_F(TokensTest, RefusesWhatIsNotAToken) {
  const NewToken created = create({Scope::ingest});
  std::string changed = created.secret;
  changed.back() = changed.back() == '0' ? '1' : '0';
  for (const std::string& text : {std::string(), std::string("slt_"), changed, created.secret + "0",
                                  created.secret.substr(1), std::string(10'000, 'a')}) {
    const auto refused = tokens().authenticate(text, kNow);
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().code, ErrorCode::unauthenticated);
  }
}

TEST_F(TokensTest, TheSecretIsNowhereInTheDatabase) {
  const NewToken created = create({Scope::ingest});
  const std::string secret = created.secret.substr(created.secret.rfind('_') + 1);
  reopen();
  for (const auto& entry : std::filesystem::directory_iterator(directory_.path())) {
    EXPECT_EQ(read_file(entry.path()).find(secret), std::string::npos) << entry.path();
  }
}

TEST_F(TokensTest, ARevokedTokenIsRefusedAtOnceAndLater) {
  const NewToken created = create({Scope::ingest});
  ASSERT_TRUE(tokens().revoke(created.token.id, "test", kNow));
  ASSERT_TRUE(tokens().revoke(created.token.id, "test", kNow));
  EXPECT_FALSE(tokens().authenticate(created.secret, kNow));
  reopen();
  EXPECT_FALSE(tokens().authenticate(created.secret, kNow));
  EXPECT_EQ(tokens().list()->at(0).revoked_ms, kNow);
  EXPECT_EQ(tokens().revoke("0123", "test", kNow).error().code, ErrorCode::not_found);
}

TEST_F(TokensTest, LastUseIsNotedByTheMinute) {
  const NewToken created = create({Scope::ingest});
  for (const std::int64_t now : {kNow, kNow + 59'000}) ASSERT_TRUE(tokens().authenticate(created.secret, now));
  EXPECT_EQ(tokens().list()->at(0).last_used_ms, kNow);
  ASSERT_TRUE(tokens().authenticate(created.secret, kNow + 60'000));
  EXPECT_EQ(tokens().list()->at(0).last_used_ms, kNow + 60'000);
}

TEST_F(TokensTest, CreatingAndRevokingAreInTheAuditLog) {
  const NewToken created = create({Scope::ingest, Scope::search});
  ASSERT_TRUE(tokens().revoke(created.token.id, "someone", kNow + 1));
  const auto entries = store_->audit_log().list(std::nullopt, 10);
  ASSERT_EQ(entries->size(), 2U);
  EXPECT_EQ(entries->at(0).action, "token.revoke");
  EXPECT_EQ(entries->at(0).principal, "someone");
  EXPECT_THAT(entries->at(1).detail, ::testing::MatchesRegex("shipper \\(ingest search\\); record [0-9a-f]{64}"));
  EXPECT_EQ(entries->at(0).link, audit_link(entries->at(1).link, entries->at(0)));
}

TEST_F(TokensTest, RefusesTokensWithoutNameOrScope) {
  EXPECT_FALSE(tokens().create({"", {Scope::ingest}, "", ""}, "test", kNow));
  EXPECT_FALSE(tokens().create({"name", {}, "", ""}, "test", kNow));
  EXPECT_FALSE(tokens().create({std::string(201, 'n'), {Scope::ingest}, "", ""}, "test", kNow));
}

TEST_F(TokensTest, TheFirstStartWritesOneAdministrator) {
  const std::filesystem::path file = directory_.path() / "admin.token";
  ASSERT_EQ(tokens().create_first_admin(file, kNow), true);
  struct stat status{};
  ASSERT_EQ(::stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  std::string secret = read_file(file);
  ASSERT_EQ(secret.back(), '\n');
  secret.pop_back();
  reopen();
  EXPECT_EQ(tokens().create_first_admin(file, kNow), false);
  EXPECT_TRUE(tokens().authenticate(secret, kNow)->spec.scopes.allow(Scope::admin));
  std::filesystem::remove(file);
  EXPECT_EQ(tokens().create_first_admin(file, kNow), false);
}

TEST_F(TokensTest, AnAdministratorNobodyCanHoldIsReplaced) {
  const std::filesystem::path file = directory_.path() / "admin.token";
  ASSERT_EQ(tokens().create_first_admin(file, kNow), true);
  std::filesystem::remove(file);  // as after a crash between the row and the file
  EXPECT_EQ(tokens().create_first_admin(file, kNow + 1), true);
  const auto list = tokens().list();
  ASSERT_EQ(list->size(), 2U);
  EXPECT_TRUE(list->at(0).revoked_ms);
  EXPECT_FALSE(list->at(1).revoked_ms);
}

TEST_F(TokensTest, NoChangeOfAQuotaTakesBackAnother) {
  const NewToken created = create({Scope::ingest});
  constexpr std::uint64_t kChanges = 50;
  const auto change_often = [&](std::optional<std::uint64_t> QuotaChange::* bound) {
    for (std::uint64_t value = 1; value <= kChanges; ++value) {
      QuotaChange change;
      change.*bound = value;
      EXPECT_TRUE(tokens().change_quota(created.token.id, change, "test", kNow));
    }
  };
  {
    const std::jthread requests([&] { change_often(&QuotaChange::requests_per_s); });
    const std::jthread bytes([&] { change_often(&QuotaChange::bytes_per_s); });
  }
  const Quota both{kChanges, kChanges, 0};
  EXPECT_EQ(tokens().authenticate(created.secret, kNow)->spec.quota, both);
  EXPECT_EQ(tokens().list()->back().spec.quota, both);
  reopen();
  EXPECT_EQ(tokens().authenticate(created.secret, kNow)->spec.quota, both);
}

TEST_F(TokensTest, AQuotaIsOfATokenInForceAndBounded) {
  const NewToken created = create({Scope::ingest});
  QuotaChange change;
  EXPECT_EQ(tokens().change_quota("none", change, "test", kNow).error().code, ErrorCode::not_found);
  change.bytes_per_s = UINT64_MAX;
  EXPECT_EQ(tokens().change_quota(created.token.id, change, "test", kNow).error().code, ErrorCode::invalid_input);
  ASSERT_TRUE(tokens().revoke(created.token.id, "test", kNow));
  EXPECT_EQ(tokens().change_quota(created.token.id, {}, "test", kNow).error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace sightline::control
