#include "store/clickhouse/batch_text.h"

#include <gtest/gtest.h>

namespace sightline::store::clickhouse {
namespace {

BatchHeader sample() {
  BatchHeader header;
  header.key = {"token:1", std::string("host\0a", 6), 7, UINT64_MAX};
  header.body_hash.fill(0xA5);
  header.format = "cloudtrail";
  return header;
}

TEST(BatchText, ComesBackWhole) {
  const BatchHeader header = sample();
  const std::string text = to_batch_text(header);
  EXPECT_EQ(batch_id_of_text(text), make_batch_id(header.key));
  BatchHeader read;
  ASSERT_TRUE(read_batch_text(text, read));
  EXPECT_EQ(read.key, header.key);
  EXPECT_EQ(read.body_hash, header.body_hash);
  EXPECT_EQ(read.format, header.format);
}

TEST(BatchText, RefusesWhatIsShorterOrLonger) {
  const std::string text = to_batch_text(sample());
  BatchHeader read;
  for (std::size_t size = 0; size < text.size(); ++size) EXPECT_FALSE(read_batch_text(text.substr(0, size), read));
  EXPECT_FALSE(read_batch_text(text + '\0', read));
  EXPECT_EQ(batch_id_of_text("ab"), (BatchId{'a', 'b'}));
}

}  // namespace
}  // namespace sightline::store::clickhouse
