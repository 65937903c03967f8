#include "event/event.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "base/hash.h"
#include "event/decimal.h"

namespace sightline {
namespace {

TEST(Fields, NamesAreUniqueAcrossFieldsAndAliases) {
  std::set<std::string_view> names;
  for (const FieldInfo& field : all_fields()) EXPECT_TRUE(names.insert(field.name).second) << field.name;
  for (const AliasInfo& alias : all_aliases()) EXPECT_TRUE(names.insert(alias.name).second) << alias.name;
}

// Stored rows name fields by number. A new field takes a number above these and leaves this test as it is.
TEST(Fields, KeepTheirNumbers) {
  constexpr std::size_t kNumbered = 112;
  std::map<int, std::string> by_number;
  for (const FieldInfo& field : all_fields()) {
    if (field.number <= kNumbered) by_number[field.number] = fmt::format("{} {}\n", field.name, to_string(field.type));
  }
  ASSERT_EQ(by_number.size(), kNumbered) << "a field is gone, or has another number";
  std::string text;
  for (const auto& [number, line] : by_number) text += fmt::format("{} {}", number, line);
  EXPECT_EQ(to_hex(sha256(text)), "cceb1b65905fbaa9e7df5250caf083f12b3e876b47f48f8a87f0d3b3c2d114bf")
      << "a field has another number, name or type than before";
}

TEST(Fields, AreFoundByName) {
  ASSERT_NE(find_field("userIdentity.type"), nullptr);
  EXPECT_EQ(find_field("userIdentity.type")->id, FieldId::user_identity_type);
  EXPECT_EQ(find_field("userType"), nullptr);
  ASSERT_NE(find_alias("ip"), nullptr);
  EXPECT_EQ(find_alias("ip")->targets.size(), 4U);
}

TEST(Fields, TargetsOfOneAliasShareAType) {
  for (const AliasInfo& alias : all_aliases()) {
    for (const FieldId target : alias.targets) {
      EXPECT_EQ(field_info(target).type, field_info(alias.targets.front()).type) << alias.name;
    }
  }
}

TEST(EventId, DependsOnEveryPartOfTheKey) {
  const BatchKey key{"p", "s", 1, 2};
  std::set<EventId> ids{make_event_id(key, 0)};
  EXPECT_TRUE(ids.insert(make_event_id(key, 1)).second);
  EXPECT_TRUE(ids.insert(make_event_id({"p", "s", 1, 3}, 0)).second);
  EXPECT_TRUE(ids.insert(make_event_id({"p", "s", 2, 2}, 0)).second);
  EXPECT_TRUE(ids.insert(make_event_id({"p", "t", 1, 2}, 0)).second);
  EXPECT_TRUE(ids.insert(make_event_id({"ps", "", 1, 2}, 0)).second);
  EXPECT_EQ(parse_event_id(to_string(*ids.begin())), *ids.begin());
}

TEST(EventId, NamesItsBatchAndThePlaceInIt) {
  const BatchKey key{"p", "s", 1, 2};
  const EventId id = make_event_id(key, 0xFEDCBA98);
  EXPECT_EQ(batch_of(id), make_batch_id(key));
  EXPECT_EQ(index_of(id), 0xFEDCBA98U);
  EXPECT_EQ(to_string(id).substr(24), "fedcba98");
  EXPECT_LT(make_event_id(key, 255), make_event_id(key, 256));
}

TEST(Decimal, CanonicalForms) {
  EXPECT_EQ(canonical_decimal("0"), "0");
  EXPECT_EQ(canonical_decimal("-0"), "0");
  EXPECT_EQ(canonical_decimal("-0.0e5"), "0");
  EXPECT_EQ(canonical_decimal("8000"), "8000");
  EXPECT_EQ(canonical_decimal("1.50"), "1.5");
  EXPECT_EQ(canonical_decimal("1e3"), "1000");
  EXPECT_EQ(canonical_decimal("12.5e-3"), "0.0125");
  EXPECT_EQ(canonical_decimal("123E+1"), "1230");
  EXPECT_EQ(canonical_decimal("-1.25e1"), "-12.5");
}

TEST(Decimal, RefusesWhatIsNoJsonNumberOrTooLarge) {
  for (const char* text :
       {"", "-", "01", "1.", ".5", "1e", "1e+", "1e+-5", "+1", "1 ", "0x1", "1e1000", "1e-1000", "1e9999999"}) {
    EXPECT_EQ(canonical_decimal(text), std::nullopt) << text;
  }
}

TEST(Decimal, OrderAgreesWithDoubles) {
  std::mt19937 random(7);
  for (int i = 0; i < 20'000; ++i) {
    const double left = (static_cast<int>(random() % 4001) - 2000) / 16.0;
    const double right = (static_cast<int>(random() % 4001) - 2000) / 16.0;
    const std::string left_text = canonical_decimal(std::to_string(left)).value();
    const std::string right_text = canonical_decimal(std::to_string(right)).value();
    EXPECT_EQ(compare_decimals(left_text, right_text) < 0, left < right) << left_text << ' ' << right_text;
    EXPECT_EQ(left_text == right_text, left == right);
  }
}

TEST(EventBatch, TakesTheContentOfAnother) {
  EventBatch batch;
  batch.add().add_text(FieldId::user, batch.arena().copy("old"));
  EventBatch other;
  other.add().add_text(FieldId::user, other.arena().copy("new"));
  batch = std::move(other);
  ASSERT_EQ(batch.size(), 1U);
  EXPECT_EQ(batch.events()[0].text(FieldId::user), "new");
}

}  // namespace
}  // namespace sightline
