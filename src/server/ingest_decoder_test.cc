#include "server/ingest_decoder.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace sightline::server {
namespace {

bool room(std::size_t) { return true; }

IngestRequest request_of(std::string body) {
  IngestRequest request;
  request.body = std::move(body);
  return request;
}

TEST(IngestDecoder, DecodesThroughTheFormats) {
  const auto decoder = make_ingest_decoder();
  const auto decoded = decoder->decode(request_of("{\"exe\":\"/bin/a\"}\nnot JSON\n{\"exe\":\"/bin/b\"}"), room);
  ASSERT_TRUE(decoded) << decoded.error().message;
  ASSERT_EQ(decoded->events.size(), 2U);
  EXPECT_EQ(decoded->events.events()[1].text(FieldId::exe), "/bin/b");
  EXPECT_EQ(decoded->rejected_count, 1U);
  EXPECT_EQ(decoded->rejected.at(0).line, 2U);
}

TEST(IngestDecoder, IsPure) {
  const auto decoder = make_ingest_decoder();
  const IngestRequest request = request_of("{\"exe\":\"/bin/a\",\"x\":{\"y\":1}}\n{");
  const auto first = decoder->decode(request, room);
  const auto second = decoder->decode(request, room);
  ASSERT_TRUE(first && second);
  ASSERT_EQ(first->events.size(), second->events.size());
  EXPECT_EQ(first->events.events()[0].original, second->events.events()[0].original);
  EXPECT_EQ(first->rejected_count, second->rejected_count);
}

TEST(IngestDecoder, RefusesDamagedCompression) {
  IngestRequest request = request_of("not gzip at all");
  request.encoding = sources::Encoding::gzip;
  const auto refused = make_ingest_decoder()->decode(request, room);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::invalid_input);
}

TEST(IngestDecoder, RefusesWhatUnfoldsToTooMuch) {
  const auto refused =
      make_ingest_decoder({.unpacked_bytes = 1'000})->decode(request_of(std::string(2'000, '\n')), room);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::too_large);
}

std::string lines(std::size_t count) {
  std::string body;
  for (std::size_t i = 0; i < count; ++i) body += "{\"a\":1}\n";
  return body;
}

TEST(IngestDecoder, BoundsEvents) {
  const auto decoder = make_ingest_decoder({.events = 100});
  EXPECT_TRUE(decoder->decode(request_of(lines(100)), room));
  const auto refused = decoder->decode(request_of(lines(101)), room);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::too_large);
  EXPECT_EQ(
      refused.error().message,
      "the first 808 bytes of the unpacked body hold more than 100 events: nothing was stored; send it in parts of "
      "up to 404 bytes");
}

TEST(IngestDecoder, BoundsMemoryAndStopsReadingThere) {
  const auto decoder = make_ingest_decoder({.memory_bytes = 64 << 20});
  std::size_t most = 0;
  const auto refused = decoder->decode(request_of(lines(1'000'000)), [&](std::size_t size_bytes) {
    most = std::max(most, size_bytes);
    return true;
  });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::too_large);
  EXPECT_NE(refused.error().message.find("64 MiB of memory"), std::string::npos) << refused.error().message;
  EXPECT_GT(most, 32U << 20U);
  EXPECT_LE(most, 64U << 20U);
}

TEST(IngestDecoder, EndsWhereThereIsNoRoom) {
  const auto refused =
      make_ingest_decoder()->decode(request_of(lines(100'000)), [](std::size_t bytes) { return bytes < 1'000'000; });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::busy);
}

TEST(IngestDecoder, AnEmptyBodyHasNoEvents) {
  const auto decoded = make_ingest_decoder()->decode(request_of(""), room);
  ASSERT_TRUE(decoded);
  EXPECT_TRUE(decoded->events.empty());
}

}  // namespace
}  // namespace sightline::server
