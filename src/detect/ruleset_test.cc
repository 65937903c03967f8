#include "detect/ruleset.h"

#include <gmock/gmock.h>

#include <map>

#include "detect/detect_testing.h"

namespace sightline::detect {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string rule(std::string_view id, std::string_view tag = "x") {
  return "id: " + std::string(id) + "\ntitle: t\nseverity: 1\nfilter: pid = 1\ntags: [" + std::string(tag) + "]\n";
}

TEST(Ruleset, GivesItsRulesTheTagsOfItsHosts) {
  const auto rules = testing::load({rule("a-one"), rule("a-two"), rule("b", "attack.t1110.001"), rule("free"),
                                    "ruleset: web servers\nrules: [a-*, b]\nhosts: [web, prod]\n",
                                    "ruleset: others\nrules: ['tag:attack.t1110*', '*-two']\nhosts: [db, web]\n"});
  ASSERT_TRUE(rules->problems().empty()) << to_string(rules->problems().front());
  EXPECT_EQ(rules->rules().size(), 4U);
  EXPECT_THAT(rules->find("a-one")->host_tags, ElementsAre("prod", "web"));
  EXPECT_THAT(rules->find("a-two")->host_tags, ElementsAre("db", "prod", "web"));
  EXPECT_THAT(rules->find("b")->host_tags, ElementsAre("db", "prod", "web"));
  EXPECT_THAT(rules->find("free")->host_tags, IsEmpty());
}

TEST(Ruleset, MistakesAreToldWithTheirPlace) {
  const std::pair<const char*, const char*> cases[] = {
      {"ruleset: x\nrules: [a]\nhots: [web]\n", "1.yaml:3:1: unknown key \"hots\" of a ruleset"},
      {"ruleset: x\nrules: [a]\n", "the ruleset has no \"hosts\""},
      {"ruleset: x\nrules: []\nhosts: [web]\n", "1.yaml:2:8: \"rules\" is empty"},
      {"ruleset: x\nrules: [a]\nhosts: ['a b']\n", "1.yaml:3:9: \"a b\" cannot be a tag of a host"},
      {"ruleset: x\nrules: [a, b*, 'tag:y']\nhosts: [web]\n", "1.yaml:2:12: no rule that loaded is \"b*\""},
  };
  for (const auto& [document, message] : cases) {
    const auto rules = testing::load({rule("a"), document});
    ASSERT_FALSE(rules->problems().empty()) << document;
    EXPECT_THAT(to_string(rules->problems().front()), HasSubstr(message));
    EXPECT_NE(rules->find("a"), nullptr);
  }
}

// Ids of the rules that fire, per event.
std::vector<std::string> fired(const TagsOfHost& tags_of) {
  const auto rules = testing::load({rule("for-web"), rule("free"), "ruleset: w\nrules: [for-web]\nhosts: [web]\n"});
  EXPECT_TRUE(rules->problems().empty());
  EventBatch batch;
  for (const std::string_view agent : {"a1", "a2", ""}) {
    Event& event = batch.add();
    event.add_integer(FieldId::pid, 1);
    if (!agent.empty()) event.add_text(FieldId::agent_id, agent);
  }
  Detection detection = Detector(rules).detect(batch, 0);
  drop_uncovered(detection, batch, tags_of);
  std::vector<std::string> ids;
  for (const Firing& firing : detection.firings) {
    ids.push_back(std::to_string(firing.event_indices.front()) + firing.rule->id);
  }
  return ids;
}

TEST(Ruleset, FiringsCountOnItsHostsAlone) {
  std::map<std::string_view, int> asked;
  EXPECT_THAT(fired([&](std::string_view agent) -> std::optional<std::vector<std::string>> {
                ++asked[agent];
                return agent == "a1" ? std::vector<std::string>{"prod", "web"} : std::vector<std::string>{"db"};
              }),
              ElementsAre("0for-web", "0free", "1free", "2free"));
  EXPECT_EQ(asked.size(), 3U);
}

TEST(Ruleset, WhereAHostsTagsCannotBeToldFiringsStay) {
  EXPECT_EQ(fired([](std::string_view) { return std::nullopt; }).size(), 6U);
}

}  // namespace
}  // namespace sightline::detect
