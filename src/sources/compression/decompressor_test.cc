#include "sources/compression/decompressor.h"

#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include <random>
#include <string>
#include <vector>

namespace sightline::sources {
namespace {

std::string gzip(std::string_view text, int level = 6) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, level, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string zstd(std::string_view text, int window_log = 0) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  ZSTD_CCtx* context = ZSTD_createCCtx();
  if (window_log != 0) {
    ZSTD_CCtx_setParameter(context, ZSTD_c_enableLongDistanceMatching, 1);
    ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window_log);
    ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
  }
  const std::size_t size = ZSTD_compress2(context, out.data(), out.size(), text.data(), text.size());
  ZSTD_freeCCtx(context);
  EXPECT_FALSE(ZSTD_isError(size));
  out.resize(size);
  return out;
}

std::string compress(Encoding encoding, std::string_view text) {
  if (encoding == Encoding::gzip) return gzip(text);
  return encoding == Encoding::zstd ? zstd(text) : std::string(text);
}

struct Outcome {
  std::string bytes;
  Result<void> result;
  std::size_t largest_piece = 0;
};

Outcome decompress(Encoding encoding, std::string_view input, std::size_t chunk_size = SIZE_MAX,
                   const DecompressionLimits& limits = {}) {
  Outcome outcome;
  const auto sink = [&](std::string_view piece) {
    outcome.largest_piece = std::max(outcome.largest_piece, piece.size());
    outcome.bytes += piece;
  };
  const auto stream = make_decompressor(encoding, sink, limits);
  while (!input.empty() && outcome.result.has_value()) {
    const std::string_view chunk = input.substr(0, chunk_size);
    input.remove_prefix(chunk.size());
    outcome.result = stream->write(chunk);
  }
  const Result<void> end = stream->finish();
  if (outcome.result.has_value()) outcome.result = end;
  return outcome;
}

// Compresses to about a quarter.
std::string telemetry(std::size_t size_bytes) {
  std::mt19937 random(5);
  std::string text;
  while (text.size() < size_bytes) text += "{\"pid\":" + std::to_string(random()) + ",\"exe\":\"/usr/bin/ls\"}\n";
  text.resize(size_bytes);
  return text;
}

std::string encoding_name(const testing::TestParamInfo<Encoding>& parameter) {
  return std::string(to_string(parameter.param));
}

struct EveryEncoding : testing::TestWithParam<Encoding> {};
INSTANTIATE_TEST_SUITE_P(, EveryEncoding, testing::Values(Encoding::identity, Encoding::gzip, Encoding::zstd),
                         encoding_name);

TEST_P(EveryEncoding, RoundTripsInAnyChunks) {
  const std::string text = telemetry(700'000);
  const std::string input = compress(GetParam(), text);
  for (const std::size_t chunk_size : {std::size_t{1}, std::size_t{7}, std::size_t{4096}, SIZE_MAX}) {
    const Outcome outcome = decompress(GetParam(), input, chunk_size);
    EXPECT_TRUE(outcome.result.has_value());
    EXPECT_TRUE(outcome.bytes == text);
  }
}

TEST_P(EveryEncoding, ConcatenatedStreamsAreOne) {
  const std::string input = compress(GetParam(), "one\n") + compress(GetParam(), "") + compress(GetParam(), "two\n");
  for (const std::size_t chunk_size : {std::size_t{1}, SIZE_MAX}) {
    const Outcome outcome = decompress(GetParam(), input, chunk_size);
    EXPECT_TRUE(outcome.result.has_value());
    EXPECT_EQ(outcome.bytes, "one\ntwo\n");
  }
}

TEST_P(EveryEncoding, TooMuchOutputIsRefusedAfterTheAllowedPart) {
  const Outcome outcome =
      decompress(GetParam(), compress(GetParam(), telemetry(300'000)), 1000, {.output_bytes = 200'000});
  ASSERT_FALSE(outcome.result.has_value());
  EXPECT_EQ(outcome.result.error().code, ErrorCode::too_large);
  EXPECT_EQ(outcome.bytes, telemetry(200'000));
}

struct EveryCompression : testing::TestWithParam<Encoding> {};
INSTANTIATE_TEST_SUITE_P(, EveryCompression, testing::Values(Encoding::gzip, Encoding::zstd), encoding_name);

TEST_P(EveryCompression, BombsAreRefusedEarly) {
  const std::string bomb = compress(GetParam(), std::string(40'000'000, 'x'));
  const Outcome outcome = decompress(GetParam(), bomb);
  ASSERT_FALSE(outcome.result.has_value());
  EXPECT_EQ(outcome.result.error().code, ErrorCode::too_large);
  EXPECT_NE(outcome.result.error().message.find("bomb"), std::string::npos);
  EXPECT_LE(outcome.bytes.size(), (16U << 20) + 128 * 1024);
  EXPECT_LE(outcome.largest_piece, 128U * 1024);
}

TEST_P(EveryCompression, WhatIsCutShortDeliversItsStart) {
  const std::string text = telemetry(700'000);
  const std::string input = compress(GetParam(), text);
  const Outcome outcome = decompress(GetParam(), std::string_view(input).substr(0, input.size() - 5));
  ASSERT_FALSE(outcome.result.has_value());
  EXPECT_EQ(outcome.result.error().code, ErrorCode::invalid_input);
  EXPECT_NE(outcome.result.error().message.find(std::to_string(input.size() - 5)), std::string::npos);
  EXPECT_GT(outcome.bytes.size(), 400'000U);
  EXPECT_TRUE(text.starts_with(outcome.bytes));
}

TEST_P(EveryCompression, NothingAtAllIsCutShort) { EXPECT_FALSE(decompress(GetParam(), "").result.has_value()); }

TEST_P(EveryCompression, DamageIsNamedAndTheErrorStays) {
  std::string input = compress(GetParam(), telemetry(700'000));
  input[input.size() / 2] ^= 0x55;
  input[input.size() / 2 + 1] ^= 0x55;
  std::string bytes;
  const auto stream = make_decompressor(GetParam(), [&](std::string_view piece) { bytes += piece; });
  const Result<void> first = stream->write(input);
  ASSERT_FALSE(first.has_value());
  EXPECT_NE(first.error().message.find("at byte"), std::string::npos);
  const std::size_t size = bytes.size();
  EXPECT_EQ(stream->write(input).error().message, first.error().message);
  EXPECT_EQ(stream->finish().error().message, first.error().message);
  EXPECT_EQ(bytes.size(), size);
}

TEST_P(EveryCompression, OtherBytesAreRefused) {
  EXPECT_FALSE(decompress(GetParam(), "{\"eventName\":\"x\"}").result.has_value());
}

TEST(Gzip, ZerosBehindTheEndAreIgnoredAndNothingElse) {
  EXPECT_EQ(decompress(Encoding::gzip, gzip("one") + std::string(1000, '\0'), 7).bytes, "one");
  EXPECT_TRUE(decompress(Encoding::gzip, gzip("one") + std::string(1000, '\0')).result.has_value());
  const Outcome outcome = decompress(Encoding::gzip, gzip("one") + "garbage");
  EXPECT_EQ(outcome.bytes, "one");
  ASSERT_FALSE(outcome.result.has_value());
  EXPECT_NE(outcome.result.error().message.find("another gzip member"), std::string::npos);
}

TEST(Zstd, LargeWindowsAreRefused) {
  const std::string input = zstd(telemetry(10'000'000), 25);
  const Outcome outcome = decompress(Encoding::zstd, input);
  ASSERT_FALSE(outcome.result.has_value());
  EXPECT_TRUE(outcome.bytes.empty());
}

// Frames of zstd 0.7, which libzstd may still read where they are there as a whole, and other things.
TEST(Zstd, OnlyFramesOfTheStandardAreRead) {
  const std::string good = zstd("evidence");
  const std::string skippable("\x5f\x2a\x4d\x18\x03\0\0\0abc", 11);
  const std::string legacy("\x27\xb5\x2f\xfd\x50\x01\0\x04\xf4\x0b\xec", 11);
  for (const std::size_t chunk_size : {SIZE_MAX, std::size_t{3}, std::size_t{1}}) {
    const Outcome outcome = decompress(Encoding::zstd, skippable + good + skippable + good, chunk_size);
    EXPECT_TRUE(outcome.result.has_value()) << outcome.result.error().message;
    EXPECT_EQ(outcome.bytes, "evidenceevidence");
    for (const std::string& bad : {legacy,
                                   std::string("\x28\xb5\x2f"
                                               "z"),
                                   std::string("\x51\x2a\x4d\x19")}) {
      const Outcome alone = decompress(Encoding::zstd, bad, chunk_size);
      ASSERT_FALSE(alone.result.has_value()) << chunk_size;
      EXPECT_NE(alone.result.error().message.find("no zstd frame begins here"), std::string::npos)
          << alone.result.error().message;
      const Outcome behind = decompress(Encoding::zstd, good + bad, chunk_size);
      ASSERT_FALSE(behind.result.has_value()) << chunk_size;
      EXPECT_EQ(behind.bytes, "evidence");
    }
  }
}

TEST(Zstd, AFrameThatHasLessThanItSaysIsDamaged) {
  const std::string empty("\x28\xb5\x2f\xfd\x50\x3a\x70\x50\x01\0\0", 11);  // says 20,848 bytes
  for (const std::size_t chunk_size : {SIZE_MAX, std::size_t{3}, std::size_t{1}}) {
    const Outcome outcome = decompress(Encoding::zstd, zstd("evidence") + empty, chunk_size);
    EXPECT_FALSE(outcome.result.has_value()) << chunk_size;
    EXPECT_EQ(outcome.bytes, "evidence");
  }
}

TEST(Encodings, AreDetectedByTheirFirstBytes) {
  EXPECT_EQ(detect_encoding(gzip("x")), Encoding::gzip);
  EXPECT_EQ(detect_encoding(zstd("x")), Encoding::zstd);
  EXPECT_EQ(detect_encoding("\x50\x2a\x4d\x18"), Encoding::zstd);
  EXPECT_EQ(detect_encoding("{\"Records\":[]}"), Encoding::identity);
  EXPECT_EQ(detect_encoding("P*M"), Encoding::identity);
  EXPECT_EQ(detect_encoding(""), Encoding::identity);
}

TEST(Encodings, HaveNames) {
  for (const Encoding encoding : {Encoding::identity, Encoding::gzip, Encoding::zstd}) {
    EXPECT_EQ(parse_encoding(to_string(encoding)), encoding);
  }
  EXPECT_EQ(parse_encoding("x-gzip"), Encoding::gzip);
  EXPECT_EQ(parse_encoding(""), Encoding::identity);
  EXPECT_FALSE(parse_encoding("br").has_value());
}

}  // namespace
}  // namespace sightline::sources
