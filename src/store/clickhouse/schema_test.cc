#include "store/clickhouse/schema.h"

#include <gtest/gtest.h>

namespace sightline::store::clickhouse {
namespace {

TEST(Layout, NamesFieldsByTheirNumbers) {
  for (const FieldInfo& field : all_fields()) {
    FieldSet fields;
    fields.set(static_cast<std::size_t>(field.id));
    std::string expected(2 + field.number / 8, '\0');
    expected.front() = static_cast<char>(1 + field.number / 8);
    expected.back() = static_cast<char>(1U << (field.number % 8));
    EXPECT_EQ(to_layout(fields), expected) << field.name;
    EXPECT_EQ(fields_of_layout(to_layout(fields)), fields) << field.name;
  }
}

TEST(Layout, KeepsMixedPathsBehindTheFields) {
  FieldSet fields;
  fields.set(static_cast<std::size_t>(FieldId::user));
  const std::vector<MixedPath> mixed{{"a.b", "tnt"}, {"", "nt"}};
  const std::string layout = to_layout(fields, mixed);
  EXPECT_EQ(fields_of_layout(layout), fields);
  const std::vector<MixedPath> read = mixed_of_layout(layout);
  ASSERT_EQ(read.size(), 2U);
  EXPECT_EQ(read[0].path, "a.b");
  EXPECT_EQ(read[0].kinds, "tnt");
  EXPECT_EQ(read[1].kinds, "nt");
}

TEST(Layout, IgnoresNumbersThatNoFieldHas) {
  const std::string all = '\x20' + std::string(32, '\xff');
  EXPECT_EQ(fields_of_layout(all).count(), kFieldCount);
  EXPECT_TRUE(fields_of_layout("").none());
}

// What a merge writes takes the place of rows that were acknowledged.
TEST(Tables, AreOnDiskAfterInsertsAndMerges) {
  for (const std::string& table : {create_events_table(), create_names_table(), create_version_table()}) {
    for (const char* setting : {"fsync_after_insert = 1", "fsync_part_directory = 1",
                                "min_rows_to_fsync_after_merge = 1", "min_compressed_bytes_to_fsync_after_merge = 1"}) {
      EXPECT_NE(table.find(setting), std::string::npos) << setting << " in " << table;
    }
  }
}

}  // namespace
}  // namespace sightline::store::clickhouse
