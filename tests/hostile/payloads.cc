#include "hostile/payloads.h"

#include <fmt/format.h>
#include <zlib.h>
#include <zstd.h>

#include <memory>
#include <random>

namespace sightline::hostile {

std::string repeated(std::string_view part, std::size_t count) {
  std::string text;
  text.reserve(part.size() * count);
  for (std::size_t i = 0; i < count; ++i) text += part;
  return text;
}

std::string gzip_bomb(std::string_view part, std::size_t count) {
  z_stream stream{};
  deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out;
  std::string room(65536, '\0');
  for (std::size_t i = 0; i <= count; ++i) {
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(part.data()));
    stream.avail_in = i < count ? static_cast<uInt>(part.size()) : 0;
    do {
      stream.next_out = reinterpret_cast<Bytef*>(room.data());
      stream.avail_out = static_cast<uInt>(room.size());
      deflate(&stream, i < count ? Z_NO_FLUSH : Z_FINISH);
      out.append(room, 0, room.size() - stream.avail_out);
    } while (stream.avail_out == 0);
  }
  deflateEnd(&stream);
  return out;
}

std::string zstd_bomb(std::string_view part, std::size_t count) {
  const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(), ZSTD_freeCCtx);
  std::string out;
  std::string room(ZSTD_CStreamOutSize(), '\0');
  for (std::size_t i = 0; i <= count; ++i) {
    ZSTD_inBuffer in{part.data(), i < count ? part.size() : 0, 0};
    std::size_t left = 1;
    while (i < count ? in.pos < in.size : left != 0) {
      ZSTD_outBuffer piece{room.data(), room.size(), 0};
      left = ZSTD_compressStream2(context.get(), &piece, &in, i < count ? ZSTD_e_continue : ZSTD_e_end);
      out.append(room, 0, piece.pos);
    }
  }
  return out;
}

std::string gzip(std::string_view bytes) { return gzip_bomb(bytes, 1); }
std::string zstd(std::string_view bytes) { return zstd_bomb(bytes, 1); }

std::string zstd_with_huge_window() {
  // Magic number, a frame header without flags, a window of 2^(10 + 21) bytes, one raw block of 1 byte that is the
  // last.
  return std::string("\x28\xB5\x2F\xFD\x00\xA8\x09\x00\x00x", 10);
}

std::string noise(std::size_t size_bytes, unsigned seed) {
  std::mt19937 random(seed);
  std::string bytes(size_bytes, '\0');
  for (char& byte : bytes) {
    byte = static_cast<char>(random());
    if (byte == '\n') byte = 'n';
  }
  return bytes;
}

std::string letters(std::size_t size_bytes) {
  std::string text = noise(size_bytes, 11);
  for (char& c : text) c = static_cast<char>('a' + static_cast<unsigned char>(c) % 26);
  return text;
}

std::string many_keys(std::size_t count) {
  std::string json = R"({"event_type":"hostile")";
  for (std::size_t i = 0; i < count; ++i) json += fmt::format(R"(,"key{}":{})", i, i);
  return json + "}";
}

std::string many_shapes(std::size_t count) {
  std::string lines;
  for (std::size_t i = 0; i < count; ++i) {
    lines +=
        fmt::format("{{\"event_type\":\"hostile\",\"shape{}\":{{\"a{}\":1,\"b\":[{},\"{}\"]}}}}\n", i, i % 977, i, i);
  }
  return lines;
}

std::string deep(std::string_view open, std::size_t depth) {
  return R"({"event_type":"hostile","deep":)" + repeated(open, depth);
}

std::string deep_and_closed(std::string_view open, std::string_view close, std::size_t depth) {
  return deep(open, depth) + "1" + repeated(close, depth) + "}";
}

std::string post(std::string_view path, std::string_view body, std::string_view headers, std::string_view token) {
  return fmt::format(
      "POST {} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\nContent-Length: {}\r\n{}\r\n{}", path, token,
      body.size(), headers, body);
}

std::string event(std::string_view members) {
  return post("/v1/events", fmt::format(R"({{"event_type":"hostile"{}{}}})", members.empty() ? "" : ",", members));
}

std::string search(std::string_view json) {
  return fmt::format(
      "POST /v1/search HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer $admin\r\nContent-Length: {}\r\n\r\n{}",
      json.size(), json);
}

std::string get(std::string_view target) {
  return fmt::format("GET {} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer $admin\r\n\r\n", target);
}

}  // namespace sightline::hostile
