#include "server/ingest_decoder.h"

#include <gtest/gtest.h>

namespace sightline::server {
namespace {

IngestRequest request_of(std::string body) {
  IngestRequest request;
  request.body = std::move(body);
  return request;
}

TEST(IngestDecoder, DecodesThroughTheFormats) {
  const auto decoder = make_ingest_decoder();
  const auto decoded = decoder->decode(request_of("{\"exe\":\"/bin/a\"}\nnot JSON\n{\"exe\":\"/bin/b\"}"));
  ASSERT_TRUE(decoded) << decoded.error().message;
  ASSERT_EQ(decoded->events.size(), 2U);
  EXPECT_EQ(decoded->events.events()[1].text(FieldId::exe), "/bin/b");
  EXPECT_EQ(decoded->rejected_count, 1U);
  EXPECT_EQ(decoded->rejected.at(0).line, 2U);
}

TEST(IngestDecoder, IsPure) {
  const auto decoder = make_ingest_decoder();
  const IngestRequest request = request_of("{\"exe\":\"/bin/a\",\"x\":{\"y\":1}}\n{");
  const auto first = decoder->decode(request);
  const auto second = decoder->decode(request);
  ASSERT_TRUE(first && second);
  ASSERT_EQ(first->events.size(), second->events.size());
  EXPECT_EQ(first->events.events()[0].original, second->events.events()[0].original);
  EXPECT_EQ(first->rejected_count, second->rejected_count);
}

TEST(IngestDecoder, RefusesDamagedCompression) {
  IngestRequest request = request_of("not gzip at all");
  request.encoding = sources::Encoding::gzip;
  const auto refused = make_ingest_decoder()->decode(request);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::invalid_input);
}

TEST(IngestDecoder, RefusesWhatUnfoldsToTooMuch) {
  const auto refused = make_ingest_decoder(1'000)->decode(request_of(std::string(2'000, '\n')));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::too_large);
}

TEST(IngestDecoder, AnEmptyBodyHasNoEvents) {
  const auto decoded = make_ingest_decoder()->decode(request_of(""));
  ASSERT_TRUE(decoded);
  EXPECT_TRUE(decoded->events.empty());
}

}  // namespace
}  // namespace sightline::server
