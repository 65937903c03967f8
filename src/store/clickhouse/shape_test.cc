#include "store/clickhouse/shape.h"

#include <gtest/gtest.h>

namespace sightline::store::clickhouse {
namespace {

std::optional<std::string> rebuild(std::string_view shape_text, const Event& event) {
  const std::unique_ptr<Shape> shape = parse_shape(shape_text);
  return shape == nullptr ? std::nullopt : rebuild_original(*shape, event, {});
}

TEST(Shape, RebuildsFromFieldsAndAttributes) {
  EventBatch batch;
  Event& event = batch.add();
  event.add_text(FieldId::user, "root");
  event.add_integer(FieldId::pid, 7);
  event.add_attribute("a.b", Attribute::Kind::number, "1.5");
  EXPECT_EQ(rebuild("{\"user\":\1,\"pid\":\2,\"a\":{\"b\":\2}}", event), R"({"user":"root","pid":7,"a":{"b":1.5}})");
  EXPECT_EQ(rebuild("{\"user\":\1,\"tty\":\1}", event), std::nullopt);
}

// As a program stored them to whose schema these paths did not belong yet.
TEST(Shape, RebuildsWhatWasStoredBeforeThePathHadAField) {
  EventBatch batch;
  Event& event = batch.add();
  event.add_attribute("hostname", Attribute::Kind::text, "a\"b");
  event.add_attribute("pid", Attribute::Kind::number, "7");
  event.add_attribute("args", Attribute::Kind::text, "ls");
  event.add_attribute("args", Attribute::Kind::number, "2");
  EXPECT_EQ(rebuild("{\"hostname\":\1,\"pid\":\2,\"args\":[\1,\2]}", event),
            R"({"hostname":"a\"b","pid":7,"args":["ls",2]})");
}

TEST(Shape, RebuildsManyValues) {
  EventBatch batch;
  Event& event = batch.add();
  std::string original = R"({"args":["a0")";
  std::string shape = "{\"args\":[\1";
  event.add_text(FieldId::args, "a0");
  for (int i = 1; i < 100; ++i) {
    const std::string value = "a" + std::to_string(i);
    event.add_text(FieldId::args, batch.arena().copy(value));
    original += ",\"" + value + '"';
    shape += ",\1";
  }
  original += "]";
  shape += "]";
  for (int i = 0; i < 100; ++i) {
    const std::string path = "p" + std::to_string(i % 10);
    const std::string value = std::to_string(i);
    event.add_attribute(batch.arena().copy(path), Attribute::Kind::number, batch.arena().copy(value));
    original += ",\"" + path + "\":" + value;
    shape += ",\"" + path + "\":\2";
  }
  EXPECT_EQ(rebuild(shape + "}", event), original + "}");
  EXPECT_EQ(rebuild(shape + ",\"p0\":\2}", event), std::nullopt);
}

TEST(Shape, PlainTextIsWhatNeedsNoEscape) {
  for (int byte = 0; byte < 256; ++byte) {
    const bool plain = byte >= 0x20 && byte != '"' && byte != '\\';
    for (std::size_t size = 1; size < 20; ++size) {
      for (std::size_t at = 0; at < size; ++at) {
        std::string text(size, at % 2 == 0 ? '~' : '\xff');
        text[at] = static_cast<char>(byte);
        ASSERT_EQ(is_plain_json_text(text), plain) << byte << " at " << at << " of " << size;
      }
    }
  }
  EXPECT_TRUE(is_plain_json_text(""));
}

}  // namespace
}  // namespace sightline::store::clickhouse
