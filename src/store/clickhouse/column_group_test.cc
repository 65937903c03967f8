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

}  // namespace
}  // namespace sightline::store::clickhouse
