#include "server/rule_book.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <atomic>
#include <fstream>

#include "base/clock.h"
#include "control/control_store.h"
#include "detect/detector.h"
#include "testing/temporary_directory.h"

namespace sightline::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string yaml(std::string_view id, std::string_view filter) {
  return fmt::format("id: {}\ntitle: t\nseverity: 2\nfilter: {}\n", id, filter);
}

class RuleBookTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(files());
    write("a.yaml", yaml("in-file", "pid = 1"));
    open();
  }
  void TearDown() override { close(); }

  std::filesystem::path files() const { return directory_.path() / "rules"; }
  void write(const std::string& name, std::string_view text) const { std::ofstream(files() / name) << text; }

  void open() {
    store_ = std::move(*control::ControlStore::open(directory_.path()));
    book_ = std::move(*RuleBook::open({.paths = {files()}}, store_->rules(), log_));
    book_->on_change([this](RuleBook::ActivePtr rules) { told_ = std::move(rules); });
  }
  void close() {
    book_.reset();
    store_.reset();
  }

  Result<control::RuleVersion> put(std::string_view id, std::string_view filter,
                                   std::optional<std::uint64_t> expected = {}, bool overrides = false) {
    return book_->put({std::string(id), yaml(id, filter), expected, overrides}, origin_);
  }
  Result<void> remove(std::string_view id) { return book_->remove({.id = std::string(id), .text = {}}, origin_); }

  // Ids of the rules that fire on an event with that pid.
  std::vector<std::string> fires(std::int64_t pid) const {
    EventBatch batch;
    batch.add().add_integer(FieldId::pid, pid);
    std::vector<std::string> ids;
    for (const detect::Firing& firing : detect::Detector(book_->rules()).detect(batch, 0).firings) {
      ids.push_back(firing.rule->id);
    }
    return ids;
  }

  testing::TemporaryDirectory directory_;
  SystemClock clock_;
  Log log_{clock_, LogLevel::off};
  const control::ChangeOrigin origin_{"token:1", 1'000};
  RuleBook::ActivePtr told_;
  std::unique_ptr<control::ControlStore> store_;
  std::unique_ptr<RuleBook> book_;
};

TEST_F(RuleBookTest, AChangeIsInForceWhenItReturns) {
  EXPECT_EQ(put("mine", "pid = 1")->version, 1U);
  EXPECT_EQ(told_, book_->rules());
  EXPECT_THAT(fires(1), ElementsAre("in-file", "mine"));
  EXPECT_EQ(put("mine", "pid = 2")->version, 2U);
  EXPECT_THAT(fires(1), ElementsAre("in-file"));
  EXPECT_THAT(fires(2), ElementsAre("mine"));
  EXPECT_EQ(put("mine", "pid = 2")->version, 2U) << "the same text is no change";
  EXPECT_EQ(book_->kept("mine")->version, 2U);
  ASSERT_TRUE(remove("mine"));
  EXPECT_THAT(fires(2), ElementsAre());
  EXPECT_FALSE(book_->kept("mine"));
}

TEST_F(RuleBookTest, TheSameRulesAreThereAfterARestart) {
  ASSERT_TRUE(put("mine", "pid = 1"));
  ASSERT_TRUE(put("gone", "pid = 1"));
  ASSERT_TRUE(put("off", "pid = 1"));
  ASSERT_TRUE(remove("gone"));
  ASSERT_TRUE(book_->set_enabled("off", false, origin_));
  ASSERT_TRUE(book_->set_enabled("in-file", false, origin_));
  EXPECT_THAT(fires(1), ElementsAre("mine"));
  close();
  open();
  EXPECT_THAT(fires(1), ElementsAre("mine"));
  ASSERT_TRUE(book_->set_enabled("off", true, origin_));
  ASSERT_TRUE(book_->set_enabled("in-file", true, origin_));
  EXPECT_THAT(fires(1), ElementsAre("in-file", "mine", "off"));
}

TEST_F(RuleBookTest, ARuleOfAFileIsOverriddenOnlyWhereThatIsSaid) {
  const auto refused = put("in-file", "pid = 2");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
  EXPECT_THAT(refused.error().message, HasSubstr("a.yaml:1"));
  ASSERT_TRUE(put("in-file", "pid = 2", {}, true));
  EXPECT_THAT(fires(1), ElementsAre());
  EXPECT_THAT(fires(2), ElementsAre("in-file"));
  EXPECT_NE(book_->rules()->find("in-file")->overrides, nullptr);
  EXPECT_TRUE(put("in-file", "pid = 3")) << "it overrides already";
  ASSERT_TRUE(remove("in-file"));
  EXPECT_THAT(fires(1), ElementsAre("in-file")) << "the file's is in force again";
  EXPECT_EQ(remove("in-file").error().code, ErrorCode::conflict);
  EXPECT_EQ(remove("nothing").error().code, ErrorCode::not_found);
}

TEST_F(RuleBookTest, WhatDoesNotLoadChangesNothing) {
  ASSERT_TRUE(put("mine", "pid = 1"));
  const auto refused = put("mine", "nonsense = 1");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::invalid_input);
  EXPECT_THAT(refused.error().message, HasSubstr("unknown field nonsense"));
  EXPECT_FALSE(book_->put({"other", yaml("mine", "pid = 2")}, origin_));
  EXPECT_FALSE(book_->put({"mine", yaml("mine", "pid = 2") + "---\n" + yaml("more", "pid = 2")}, origin_));
  EXPECT_EQ(book_->put({"mine", std::string(kMaxRuleTextBytes + 1, ' ')}, origin_).error().code, ErrorCode::too_large);
  EXPECT_THAT(fires(1), ElementsAre("in-file", "mine"));
  EXPECT_EQ(store_->rules().versions("mine", {}, 10)->size(), 1U);
}

TEST_F(RuleBookTest, AnExpectedVersionMustBeThere) {
  ASSERT_TRUE(put("mine", "pid = 1", 0));
  EXPECT_EQ(put("mine", "pid = 2", 0).error().code, ErrorCode::conflict);
  EXPECT_TRUE(put("mine", "pid = 2", 1));
  EXPECT_EQ(put("mine", "pid = 3", 1).error().code, ErrorCode::conflict);
  EXPECT_EQ(book_->remove({.id = "mine", .text = {}, .expected = 1}, origin_).error().code, ErrorCode::conflict);
  EXPECT_TRUE(book_->remove({.id = "mine", .text = {}, .expected = 2}, origin_));
}

TEST_F(RuleBookTest, AnOldVersionComesBackAsTheNewest) {
  ASSERT_TRUE(put("mine", "pid = 1"));
  ASSERT_TRUE(put("mine", "pid = 2"));
  EXPECT_EQ(book_->restore("mine", 1, origin_)->version, 3U);
  EXPECT_THAT(fires(1), ElementsAre("in-file", "mine"));
  ASSERT_TRUE(remove("mine"));
  EXPECT_EQ(book_->restore("mine", 4, origin_).error().code, ErrorCode::not_found) << "its removal";
  EXPECT_EQ(book_->restore("mine", 2, origin_)->version, 5U);
  EXPECT_THAT(fires(2), ElementsAre("mine"));
}

TEST_F(RuleBookTest, ARuleThatWasSetAsideIsTriedAgainOnceItIsChangedEnabledOrLoadedAgain) {
  ASSERT_TRUE(put("mine", "pid = 1"));
  const auto set_aside = [&] { ASSERT_TRUE(book_->rules()->set_aside(*book_->rules()->find("mine"), "slow")); };
  const auto reason = [&] { return book_->rules()->find("mine")->activity->set_aside_reason(); };
  set_aside();
  ASSERT_TRUE(put("other", "pid = 5"));
  EXPECT_EQ(reason(), "slow") << "another rule's change does not matter";
  EXPECT_THAT(fires(1), ElementsAre("in-file"));
  ASSERT_TRUE(book_->set_enabled("mine", true, origin_));
  EXPECT_THAT(fires(1), ElementsAre("in-file", "mine"));
  set_aside();
  ASSERT_TRUE(put("mine", "pid < 2"));
  EXPECT_THAT(fires(1), ElementsAre("in-file", "mine"));
  set_aside();
  ASSERT_TRUE(book_->reload());
  EXPECT_THAT(fires(1), ElementsAre("in-file", "mine"));
}

TEST_F(RuleBookTest, FilesAreReadAgainAndKeptRulesStay) {
  ASSERT_TRUE(put("mine", "pid = 1"));
  write("a.yaml", yaml("in-file", "pid = 7"));
  write("b.yaml", yaml("bad", "nonsense = 1"));
  EXPECT_THAT(fires(1), ElementsAre("in-file", "mine"));
  ASSERT_TRUE(book_->reload());
  EXPECT_THAT(fires(1), ElementsAre("mine"));
  EXPECT_THAT(fires(7), ElementsAre("in-file"));
  EXPECT_EQ(book_->rules()->problems().size(), 1U);
  std::filesystem::remove_all(files());
  EXPECT_EQ(book_->reload().error().code, ErrorCode::not_found);
  EXPECT_THAT(fires(7), ElementsAre("in-file")) << "what does not load changes nothing";
}

TEST_F(RuleBookTest, FilesThatChangedAreTakenOnceTheyStayTheSame) {
  const auto before = book_->rules();
  book_->look_at_files();
  book_->look_at_files();
  EXPECT_EQ(book_->rules(), before) << "nothing changed";
  write("b.yaml", yaml("more", "pid = 1"));
  book_->look_at_files();
  EXPECT_THAT(fires(1), ElementsAre("in-file")) << "it may be being written";
  book_->look_at_files();
  EXPECT_THAT(fires(1), ElementsAre("in-file", "more"));
  std::filesystem::remove(files() / "b.yaml");
  book_->look_at_files();
  book_->look_at_files();
  EXPECT_THAT(fires(1), ElementsAre("in-file"));
}

TEST_F(RuleBookTest, FilesThatBreakARuleAreNotTaken) {
  const auto look = [&] {
    book_->look_at_files();
    book_->look_at_files();
  };
  write("a.yaml", yaml("in-file", "nonsense = 1"));
  write("b.yaml", yaml("more", "pid = 1"));
  look();
  EXPECT_THAT(fires(1), ElementsAre("in-file")) << "all stays as it was";
  ASSERT_NE(book_->not_taken(), nullptr);
  EXPECT_THAT(book_->not_taken()->problems().at(0).message, HasSubstr("nonsense"));
  write("a.yaml", yaml("in-file", "pid = 7"));
  look();
  EXPECT_THAT(fires(1), ElementsAre("more"));
  EXPECT_THAT(fires(7), ElementsAre("in-file"));
  EXPECT_EQ(book_->not_taken(), nullptr);
  write("c.yaml", yaml("new", "nonsense = 1"));
  look();
  EXPECT_EQ(book_->rules()->problems().size(), 1U) << "a new rule that does not load breaks none";
  write("a.yaml", "no: [yaml");
  look();
  EXPECT_THAT(fires(7), ElementsAre("in-file"));
  ASSERT_TRUE(book_->reload());
  EXPECT_THAT(fires(7), ElementsAre()) << "who reloads wants what is there";
}

TEST_F(RuleBookTest, FiltersInFilesNarrowKeptRulesOfSigma) {
  const std::string sigma =
      "title: T\nid: 0f06a3a5-6a09-413f-8743-e6cf35561297\nstatus: test\nlevel: high\n"
      "logsource: {product: linux, category: process_creation}\n"
      "detection:\n  s: {Image|endswith: /evil}\n  condition: s\n";
  const auto filter_of = [&] { return book_->check(sigma)->rules().at(0).filter; };
  const std::string before = filter_of();
  write("filter.yml",
        "title: F\nid: 1f06a3a5-6a09-413f-8743-e6cf35561297\nlogsource: {product: linux, category: process_creation}\n"
        "filter:\n  rules: [0f06a3a5-6a09-413f-8743-e6cf35561297]\n  known: {User: deploy}\n  condition: not known\n");
  ASSERT_TRUE(book_->reload());
  EXPECT_TRUE(book_->rules()->problems().empty());
  EXPECT_THAT(filter_of(), HasSubstr("deploy"));
  EXPECT_NE(filter_of(), before);
}

TEST_F(RuleBookTest, ManyChangedRulesAreCompiledAnewInTheBackground) {
  constexpr int kRules = 110;  // more than a change should have to compile
  for (int i = 0; i < kRules; ++i) ASSERT_TRUE(put(fmt::format("r{}", i), fmt::format("pid = {}", 1'000 + i)));
  while (book_->rules()->layers()[1].rules->rules().empty()) std::this_thread::yield();
  ASSERT_TRUE(put("r5", "pid = 1"));
  ASSERT_TRUE(remove("r6"));
  EXPECT_THAT(fires(1), ElementsAre("in-file", "r5"));
  EXPECT_THAT(fires(1'005), ElementsAre());
  EXPECT_THAT(fires(1'006), ElementsAre());
  EXPECT_THAT(fires(1'007), ElementsAre("r7"));
  EXPECT_EQ(book_->rules()->rules().size(), 1U + kRules - 1);
}

TEST_F(RuleBookTest, RulesChangeWhileTheyAreTried) {
  detect::Detector detector(book_->rules());
  std::atomic<bool> done{false};
  std::jthread changes([&] {
    for (int i = 0; i < 60; ++i) {
      EXPECT_TRUE(put("mine", i % 2 == 0 ? "pid = 1" : "pid = 2"));
      if (i % 20 == 0) {
        EXPECT_TRUE(book_->reload());
      }
    }
    done = true;
  });
  EventBatch batch;
  batch.add().add_integer(FieldId::pid, 1);
  batch.add().add_integer(FieldId::pid, 2);
  std::uint64_t detections = 0;
  while (!done || detections < 10) {
    detector.replace_rules(book_->rules());
    const std::size_t mine = detector.rules()->find("mine") == nullptr ? 0 : 1;
    EXPECT_EQ(detector.detect(batch, 0).firings.size(), 1 + mine);
    ++detections;
  }
  EXPECT_EQ(detector.rules()->find("in-file")->activity->matches, detections);
}

}  // namespace
}  // namespace sightline::server
