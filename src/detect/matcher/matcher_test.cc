// The matcher against query::Predicate tried with every rule: no difference, whatever the rules and events.
#include "detect/matcher/matcher.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "query/checker.h"
#include "query/parser.h"
#include "query/testing/random_events.h"
#include "query/testing/random_pairs.h"

namespace sightline::detect {
namespace {

query::Expr checked(const std::string& text) {
  auto expr = query::parse_expression(text);
  if (!expr) throw std::logic_error(text + ": " + expr.error().message);
  static const std::vector<std::string> kPaths{"custom.value", "custom.number"};
  const query::SetPathCatalog catalog{kPaths};
  if (const auto good = query::check(*expr, {&catalog, std::nullopt}); !good) {
    throw std::logic_error(text + ": " + good.error().message);
  }
  return std::move(*expr);
}

// Rules with both evaluators.
class Rules {
 public:
  void add(const std::string& filter, const std::vector<std::string>& suppressions = {}) {
    std::vector<query::Expr> silences;
    for (const std::string& text : suppressions) silences.push_back(checked(text));
    add(checked(filter), filter, silences);
  }

  void add(const query::Expr& filter, const std::string& text, std::span<const query::Expr> suppressions = {}) {
    std::vector<query::Predicate> silences;
    for (const query::Expr& each : suppressions) silences.push_back(*query::Predicate::compile(each));
    const auto number = static_cast<std::uint32_t>(oracle_.size());
    ASSERT_TRUE(builder_.add(number, filter, silences)) << text;
    oracle_.push_back({*query::Predicate::compile(filter), silences, text});
  }

  void build() { matcher_ = std::move(builder_).build(); }
  const Matcher& matcher() const { return matcher_; }

  std::vector<std::uint32_t> expected(const Event& event) const {
    std::vector<std::uint32_t> fired;
    for (std::uint32_t i = 0; i < oracle_.size(); ++i) {
      const bool silenced =
          std::ranges::any_of(oracle_[i].suppressions, [&](const auto& each) { return each.matches(event); });
      if (oracle_[i].filter.matches(event) && !silenced) fired.push_back(i);
    }
    return fired;
  }

  // The number of firings.
  std::size_t compare(const EventBatch& batch, Matcher::Session& session) const {
    std::size_t firings = 0;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const Event& event = batch.events()[i];
      std::vector<std::uint32_t> fired;
      matcher_.match(event, session, fired);
      const std::vector<std::uint32_t> wanted = expected(event);
      firings += wanted.size();
      if (fired == wanted) continue;
      std::vector<std::uint32_t> different;
      std::ranges::set_symmetric_difference(fired, wanted, std::back_inserter(different));
      for (const std::uint32_t rule : different) ADD_FAILURE() << "event " << i << ", " << oracle_[rule].text;
      if (different.empty()) ADD_FAILURE() << "not ascending, or not once each";
    }
    return firings;
  }

 private:
  struct Oracle {
    query::Predicate filter;
    std::vector<query::Predicate> suppressions;
    std::string text;
  };
  Matcher::Builder builder_;
  Matcher matcher_;
  std::vector<Oracle> oracle_;
};

class RandomRules : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(RandomRules, FireAsPredicatesSay) {
  const auto pairs = query::testing::make_random_pairs(GetParam(), 150, 400);
  Rules rules;
  for (const auto& each : pairs.expressions) rules.add(each.expr, each.text);
  rules.build();
  Matcher::Session session(rules.matcher());
  EXPECT_GT(rules.compare(pairs.events, session), 5'000U);
  rules.compare(pairs.events, session);  // once more, now that the session remembers values
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomRules, ::testing::Range<std::uint64_t>(1, 21));

// Every structure of three questions over every event that answers them: a rule woken by the wrong question, or by too
// few, stays silent on one of them.
TEST(Matcher, WakesRulesWhateverTheirStructure) {
  const std::vector<std::string> questions{R"(exe iends_with "\\a.exe")",
                                           R"(arguments contains "needle")",
                                           R"(user = "root")",
                                           "pid = 7",
                                           "tty = null",
                                           "uid > 5"};
  Rules rules;
  for (const std::string& a : questions) {
    for (const std::string& b : questions) {
      for (const std::string& c : questions) {
        for (const std::string nots : {"", "NOT "}) {
          rules.add(a + " AND (" + b + " OR " + nots + c + ")");
          rules.add(nots + a + " OR " + b + " AND " + c);
          rules.add("NOT (" + nots + a + " AND " + b + " OR " + c + ")");
          rules.add("NOT (NOT " + a + " AND NOT " + b + ") AND " + nots + c);
        }
      }
    }
  }
  rules.build();
  EventBatch batch;
  for (unsigned bits = 0; bits < 64; ++bits) {
    Event& event = batch.add();
    if ((bits & 1U) != 0) event.add_text(FieldId::exe, R"(C:\A.EXE)");
    if ((bits & 2U) != 0) event.add_text(FieldId::arguments, "x needle y");
    if ((bits & 4U) != 0) event.add_text(FieldId::user, "root");
    if ((bits & 8U) != 0) event.add_integer(FieldId::pid, 7);
    if ((bits & 16U) != 0) event.add_text(FieldId::tty, "pts0");
    if ((bits & 32U) != 0) event.add_integer(FieldId::uid, 1000);
  }
  Matcher::Session session(rules.matcher());
  EXPECT_GT(rules.compare(batch, session), 10'000U);
}

TEST(Matcher, RulesOfOtherKindsOfEventsAreNotLookedAt) {
  Rules rules;
  for (int i = 0; i < 100; ++i) {
    const std::string n = std::to_string(i);
    rules.add(R"(event_type = "cloudtrail" AND NOT user = "u)" + n + '"');
    rules.add(R"(event_type IN ("login", "host") AND pid > )" + n);
    rules.add(R"(EventID = 1 AND NOT user = "u)" + n + '"');
    rules.add(R"(event_type = "audit" AND arguments icontains "rare-)" + n + '"');
  }
  rules.build();
  EventBatch batch;
  Event& event = batch.add();
  event.add_text(FieldId::event_type, "audit");
  event.add_text(FieldId::arguments, "ls -l");
  event.add_integer(FieldId::pid, 1000);
  Matcher::Session session(rules.matcher());
  EXPECT_EQ(rules.compare(batch, session), 0U);
  EXPECT_EQ(session.rules_tried(), 0U);
}

TEST(Matcher, EventsOfSeveralKindsFireTheRulesOfAll) {
  Rules rules;
  rules.add(R"(event_type = "audit" AND event_type = "login")");
  rules.add(R"(event_type = "audit" AND NOT event_type = "file")");
  rules.add(R"(event_type IN ("audit", "login"))");
  rules.add(R"(event_type IN ("a", "b", "c", "d", "e", "login"))");
  rules.add(R"(win_event_id = null AND user = "root")");
  rules.add(R"(EventID = 4688 AND user = "root")");
  rules.add(R"(EventID != null OR event_type = "login")");
  rules.add(R"(win_event_id = 4688 OR user = "root")");
  rules.build();
  EventBatch batch;
  for (unsigned bits = 0; bits < 32; ++bits) {
    Event& event = batch.add();
    if ((bits & 1U) != 0) event.add_text(FieldId::event_type, "login");
    if ((bits & 2U) != 0) event.add_text(FieldId::event_type, "audit");
    if ((bits & 4U) != 0) event.add_integer(FieldId::win_event_id, 4688);
    if ((bits & 8U) != 0) event.add_attribute("EventID", Attribute::Kind::number, "4688");
    if ((bits & 16U) != 0) event.add_text(FieldId::user, "root");
  }
  Matcher::Session session(rules.matcher());
  EXPECT_GT(rules.compare(batch, session), 50U);
}

TEST(Matcher, SuppressionsSilence) {
  Rules rules;
  rules.add(R"(user = "root")", {R"(exe ends_with "/quiet")", R"("hush")"});
  rules.add(R"(user = "root")");
  rules.build();
  EventBatch batch;
  for (const std::string_view exe : {"/bin/quiet", "/bin/loud", "/bin/HUSH"}) {
    Event& event = batch.add();
    event.add_text(FieldId::user, "root");
    event.add_text(FieldId::exe, exe);
  }
  Matcher::Session session(rules.matcher());
  EXPECT_EQ(rules.compare(batch, session), 4U);
}

// More types than have programs of their own; one event is of two of them, and one of a type that no rule names.
TEST(Matcher, RulesOfManyTypes) {
  Rules rules;
  rules.add(R"(user = "root")");
  rules.add(R"(event_type IN ("type-0", "type-99") AND exe = "/bin/b")");
  for (int type = 0; type < 100; ++type) rules.add("event_type = \"type-" + std::to_string(type) + "\"");
  rules.build();
  EventBatch batch;
  for (int type = 0; type < 102; ++type) {
    Event& event = batch.add();
    if (type < 101) event.add_text(FieldId::event_type, batch.arena().copy("type-" + std::to_string(type)));
    if (type == 50) event.add_text(FieldId::event_type, "type-0");
    event.add_text(FieldId::user, type % 2 == 0 ? "root" : "other");
    event.add_text(FieldId::exe, "/bin/b");
  }
  Matcher::Session session(rules.matcher());
  EXPECT_EQ(rules.compare(batch, session), 51U + 3U + 101U);
}

// Free text is looked for only where a rule waits for it, and where another asks it without needing it.
TEST(Matcher, FreeTextIsLookedForWhereAnyRuleAsks) {
  Rules rules;
  rules.add(R"("needle" AND type = "start")");
  rules.add(R"(user = "root" AND NOT "needle")");
  rules.add(R"(user = "root" AND ("needle" OR exe = "/bin/b"))");
  rules.build();
  EventBatch batch;
  for (unsigned bits = 0; bits < 16; ++bits) {
    Event& event = batch.add();
    event.add_text(FieldId::type, (bits & 1U) != 0 ? "start" : "exit");
    event.add_text(FieldId::user, (bits & 2U) != 0 ? "root" : "other");
    event.add_text(FieldId::arguments, (bits & 4U) != 0 ? "a needle" : "hay");
    event.add_text(FieldId::exe, (bits & 8U) != 0 ? "/bin/b" : "/bin/c");
  }
  Matcher::Session session(rules.matcher());
  EXPECT_EQ(rules.compare(batch, session), 14U);
}

// What is special about how questions are put to tables.
TEST(Matcher, HardQuestions) {
  Rules rules;
  rules.add(R"("ab")");                             // not across two values
  rules.add(R"("12")");                             // in the digits of an integer
  rules.add(R"(arguments matches "(?i)kelvin")");   // the sign of Kelvin is a k, in Unicode
  rules.add(R"(arguments matches "^a.*z$")");       // needs no text
  rules.add(R"(arguments ilike "C:*\\\\x*.exe")");  // begins, has and ends
  rules.add(R"(arguments ilike "**")");
  rules.add(R"(arguments contains "")");
  rules.add(R"(arguments = "")");
  rules.add(R"(ip cidr "10.0.0.0/8" OR port = 12)");
  rules.add("custom.number < 7");
  rules.add(R"(custom.value starts_with "4" AND custom.value ends_with "2")");  // by different values
  rules.add(R"(event_time > 1600000003 OR arguments = "a")");
  std::string many = "arguments IN (";
  for (int i = 5'000; i < 10'000; ++i) many += (i == 5'000 ? "\"v" : ", \"v") + std::to_string(i) + '"';
  rules.add(many + ")");
  rules.build();
  EventBatch batch;
  for (const std::string_view text : {"a", "b", "", "v9999", "V9999",
                                      "\xE2\x84\xAA"
                                      "elvin",
                                      "KELVIN", "a-z", "c:\\dir\\X1.EXE", "10.2.3.4"}) {
    Event& event = batch.add();
    event.add_text(FieldId::arguments, text);
    event.add_text(FieldId::src_ip, text);
    event.add_text(FieldId::user, "b");
    event.add_integer(FieldId::src_port, 12);
    event.add_attribute("custom.value", Attribute::Kind::text, "4x");
    event.add_attribute("custom.value", Attribute::Kind::text, "x2");
    event.add_attribute("custom.number", Attribute::Kind::number, "6.5");
    event.event_time_ms = 1'600'000'000'000 + 1000 * static_cast<std::int64_t>(text.size());
  }
  Matcher::Session session(rules.matcher());
  EXPECT_GT(rules.compare(batch, session), 40U);
}

TEST(Matcher, LongValuesAndWideEvents) {
  Rules rules;
  rules.add(R"(arguments contains "a")");
  rules.add(R"(arguments contains "needle in a stack")");
  rules.add(R"(arguments ends_with "end" AND arguments istarts_with "AAAA")");
  rules.add(R"(arguments matches "b+end$")");
  rules.add(R"(custom.value = "9999")");
  rules.add(R"("value-9999")");
  for (int i = 0; i < 50; ++i)
    rules.add("arguments icontains \"AA" + std::string(static_cast<std::size_t>(i), 'a') + '"');
  rules.build();
  EventBatch batch;
  const std::string text = std::string(1U << 20U, 'a') + "bend";
  batch.add().add_text(FieldId::arguments, text);
  Event& wide = batch.add();
  std::vector<std::string> values;
  for (int i = 0; i < 10'000; ++i) values.push_back("value-" + std::to_string(i));
  for (const std::string& value : values) {
    wide.add_attribute(value, Attribute::Kind::text, value);
    wide.add_attribute("custom.value", Attribute::Kind::text, std::string_view(value).substr(6));
  }
  Matcher::Session session(rules.matcher());
  EXPECT_EQ(rules.compare(batch, session), 3U + 50U + 2U);
}

TEST(Matcher, TwentyThousandRules) {
  Rules rules;
  for (int i = 0; i < 20'000; i += 2) {
    const std::string n = std::to_string(i);
    rules.add(R"(event_type = "audit" AND arguments icontains "flag-)" + n + R"(-" AND user != "root")");
    rules.add(R"(custom.value iends_with "/file)" + n + R"(" OR exe = "/bin/tool)" + n + '"');
  }
  rules.build();
  EventBatch batch;
  const std::vector<std::string> texts{"run --FLAG-4242- now", "/tmp/FILE4242", "/bin/tool4242"};
  Event& event = batch.add();
  event.add_text(FieldId::event_type, "audit");
  event.add_text(FieldId::arguments, texts[0]);
  event.add_text(FieldId::exe, texts[2]);
  event.add_attribute("custom.value", Attribute::Kind::text, texts[1]);
  Matcher::Session session(rules.matcher());
  EXPECT_EQ(rules.compare(batch, session), 2U);
  EXPECT_EQ(session.rules_tried(), 2U);
}

TEST(Matcher, OfNoRulesFiresNothing) {
  EventBatch batch;
  batch.add().add_text(FieldId::user, "root");
  const Matcher matcher;
  Matcher::Session session(matcher);
  std::vector<std::uint32_t> fired;
  matcher.match(batch.events().front(), session, fired);
  EXPECT_TRUE(fired.empty());
}

TEST(MatcherBuilder, RefusesWhatWasNotChecked) {
  Matcher::Builder builder;
  const query::Expr unchecked{query::Comparison{{"user", {}, {}}, query::Comparator::equals, false, {}}, {}};
  EXPECT_FALSE(builder.add(0, unchecked, {}));
  EXPECT_TRUE(builder.add(1, checked(R"(user = "root")"), {}));
  const Matcher matcher = std::move(builder).build();
  EventBatch batch;
  batch.add().add_text(FieldId::user, "root");
  Matcher::Session session(matcher);
  std::vector<std::uint32_t> fired;
  matcher.match(batch.events().front(), session, fired);
  EXPECT_EQ(fired, std::vector<std::uint32_t>{1});
}

}  // namespace
}  // namespace sightline::detect
