#include "store/clickhouse/vocabulary.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "store/clickhouse/attribute_keys.h"
#include "store/clickhouse/encoder.h"
#include "store/clickhouse/testing/sample_events.h"

namespace sightline::store::clickhouse {
namespace {

void add(Vocabulary& vocabulary, std::string_view column, const std::vector<std::string_view>& values) {
  vocabulary.add(column, values);
}

TEST(Vocabulary, KnowsNothingUntilAColumnIsComplete) {
  Vocabulary vocabulary;
  add(vocabulary, "a", {"one"});
  EXPECT_TRUE(vocabulary.may_hold("a", "two"));
  vocabulary.complete("a");
  EXPECT_FALSE(vocabulary.may_hold("a", "two"));
  EXPECT_TRUE(vocabulary.may_hold("b", "two"));
}

TEST(Vocabulary, FindsPartsWhateverTheirCase) {
  Vocabulary vocabulary;
  vocabulary.complete("a");
  add(vocabulary, "a", {"One", "TWO", std::string_view("nul\0end", 7)});
  for (const std::string_view part : {std::string_view("one"), std::string_view("wo"), std::string_view("oN"),
                                      std::string_view("l\0e", 3), std::string_view()}) {
    EXPECT_TRUE(vocabulary.may_hold("a", part)) << part;
  }
  for (const std::string_view part : {"onetwo", "ones", "-"}) EXPECT_FALSE(vocabulary.may_hold("a", part)) << part;
}

TEST(Vocabulary, HoldsManyAndLongValuesOnce) {
  Vocabulary vocabulary;
  vocabulary.complete("a");
  std::vector<std::string> values{std::string(100'000, 'x') + "end"};
  for (int i = 0; i < 20'000; ++i) values.push_back("value " + std::to_string(i) + ";");
  const std::vector<std::string_view> views(values.begin(), values.end());
  vocabulary.add("a", views);
  const std::size_t size = vocabulary.size_bytes("a");
  vocabulary.add("a", views);
  EXPECT_EQ(vocabulary.size_bytes("a"), size);
  for (std::size_t i = 0; i < views.size(); i += 97) ASSERT_TRUE(vocabulary.may_hold("a", views[i])) << i;
  EXPECT_FALSE(vocabulary.may_hold("a", "value 20000;"));
}

TEST(Vocabulary, GivesUpAColumnWithTooMuch) {
  Vocabulary vocabulary(20);
  vocabulary.complete("a");
  vocabulary.complete("b");
  add(vocabulary, "a", {"0123456789", "0123456789abcdef"});
  add(vocabulary, "b", {"0123456789"});
  EXPECT_TRUE(vocabulary.may_hold("a", "z"));
  EXPECT_FALSE(vocabulary.may_hold("b", "z"));
  vocabulary.forget("b");
  vocabulary.complete("b");
  EXPECT_TRUE(vocabulary.may_hold("b", "z"));
}

TEST(Vocabulary, IsToldByTheEncoder) {
  Vocabulary vocabulary;
  for (const VocabularyColumn& column : vocabulary_columns()) vocabulary.complete(column.name);
  AttributeKeys keys;
  BatchEncoder encoder(keys, &vocabulary);
  EventBatch batch = testing::login_events(50, 1'700'000'000'000);
  Event& odd = batch.events().front();
  odd.add_text(FieldId::event_id, "no uuid");
  batch.events().back().add_text(FieldId::event_id, "0b0e8d63-d66f-463c-acce-52b18445fe52");
  odd.add_text(FieldId::bucket_name, "bucket-1");
  const std::vector<PendingBatch> pending{testing::seal(batch, testing::sample_header(1))};
  EXPECT_EQ(encoder.encode(pending).rows, 50U);
  EXPECT_TRUE(vocabulary.may_hold("actor_group", "user-7"));
  EXPECT_FALSE(vocabulary.may_hold("actor_group", "user-x"));
  EXPECT_TRUE(vocabulary.may_hold("group", "wheel"));
  EXPECT_FALSE(vocabulary.may_hold("group", "login"));
  EXPECT_TRUE(vocabulary.may_hold("bucket_name", "bucket-1"));
  EXPECT_TRUE(vocabulary.may_hold("event_id", "no uuid"));
  EXPECT_FALSE(vocabulary.may_hold("event_id", "0b0e8d63"));
}

TEST(Vocabulary, HasNoIdsWhereManyAreNoUuids) {
  Vocabulary vocabulary;
  vocabulary.complete("event_id");
  AttributeKeys keys;
  BatchEncoder encoder(keys, &vocabulary);
  EventBatch batch = testing::login_events(1001, 1'700'000'000'000);
  for (Event& event : batch.events()) event.add_text(FieldId::event_id, "no uuid");
  const std::vector<PendingBatch> pending{testing::seal(batch, testing::sample_header(1))};
  EXPECT_EQ(encoder.encode(pending).rows, 1001U);
  EXPECT_TRUE(vocabulary.may_hold("event_id", "anything"));
}

}  // namespace
}  // namespace sightline::store::clickhouse
