#include "store/clickhouse/column_group.h"

#include <gtest/gtest.h>

#include <set>

namespace sightline::store::clickhouse {
namespace {

using namespace std::string_literals;

TEST(GroupText, HasAValueAPlaceAndNothingBehindTheLast) {
  GroupText row(4);
  EXPECT_EQ(row.finish(), "");
  EXPECT_TRUE(row.add_text(2, "c"));
  EXPECT_TRUE(row.add_boolean(0, 0));
  EXPECT_EQ(row.finish(),
            "\x01\x1f\x1f"
            "c\x1f"s);
  EXPECT_TRUE(row.add_text(1, ""));
  EXPECT_EQ(row.finish(), "\x1f\0\x1f"s);
  EXPECT_EQ(row.finish(), "");
}

TEST(GroupText, RefusesWhatDoesNotFitAndWhatComesAfterIt) {
  GroupText row(2);
  EXPECT_TRUE(row.add_text(0, "first"));
  EXPECT_FALSE(row.add_text(0, "second"));
  EXPECT_FALSE(row.add_text(1, "a\x1f"s));
  EXPECT_FALSE(row.add_text(1, "later"));
  EXPECT_EQ(row.finish(), "first\x1f");
  EXPECT_TRUE(row.add_text(1, "next row"));
}

TEST(GroupText, IsTakenApartAgain) {
  std::string_view text =
      "a\x1f\x1f"
      "c\x1f";
  EXPECT_EQ(take_group_value(text), "a");
  EXPECT_EQ(take_group_value(text), "");
  EXPECT_EQ(take_group_value(text), "c");
  EXPECT_EQ(take_group_value(text), "");
  EXPECT_EQ(text, "");
}

TEST(ColumnGroups, HaveEachFieldAtOnePlace) {
  std::set<FieldId> seen;
  for (std::size_t i = 0; i < column_groups().size(); ++i) {
    const ColumnGroup& group = column_groups()[i];
    EXPECT_EQ(find_column(group.name), nullptr) << group.name;
    for (std::size_t place = 0; place < group.fields.size(); ++place) {
      const FieldColumn& column = field_column(group.fields[place]);
      EXPECT_TRUE(seen.insert(column.field).second) << column.name;
      EXPECT_EQ(column.group, static_cast<int>(i)) << column.name;
      EXPECT_EQ(column.place, place) << column.name;
    }
  }
}

// Stored rows know a field by its place: groups may only get longer.
TEST(ColumnGroups, GoOnFromThePlacesThatStoresHave) {
  const std::vector<std::vector<std::uint32_t>> released = {
      {4,   5,  43, 17, 71, 72, 74,  75,  76, 83, 84,  77,  80,  97,  22,  23,  45, 67,
       113, 55, 56, 65, 62, 63, 114, 115, 70, 69, 101, 102, 107, 108, 118, 119, 7},
      {86, 87, 88, 89, 90, 91, 92, 93, 94, 98, 99, 85, 18, 12, 36, 38, 40, 34, 66, 104, 121, 122},
      {51, 78, 79},
      {6, 10, 11, 13, 14, 15, 16, 19, 112, 20, 21},
      {24, 25, 26, 32},
  };
  ASSERT_GE(column_groups().size(), released.size());
  for (std::size_t group = 0; group < released.size(); ++group) {
    const std::span<const FieldId> fields = column_groups()[group].fields;
    ASSERT_GE(fields.size(), released[group].size());
    for (std::size_t place = 0; place < released[group].size(); ++place) {
      EXPECT_EQ(field_info(fields[place]).number, released[group][place]) << group << " " << place;
    }
  }
}

}  // namespace
}  // namespace sightline::store::clickhouse
