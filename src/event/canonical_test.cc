#include "event/canonical.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>

namespace sightline {
namespace {

using Kind = Attribute::Kind;

std::string form(const std::function<void(Event&)>& fill) {
  EventBatch batch;
  Event& event = batch.add();
  fill(event);
  std::string out;
  append_canonical(out, event);
  return out;
}

TEST(Canonical, OrderOfDifferentNamesDoesNotCount) {
  EXPECT_EQ(form([](Event& e) {
              e.add_integer(FieldId::pid, 1);
              e.add_text(FieldId::args, "a");
              e.add_text(FieldId::exe, "x");
              e.add_text(FieldId::args, "b");
              e.add_attribute("p.q", Kind::text, "1");
              e.add_attribute("r", Kind::number, "1");
              e.add_attribute("p.q", Kind::text, "2");
            }),
            form([](Event& e) {
              e.add_text(FieldId::args, "a");
              e.add_text(FieldId::args, "b");
              e.add_text(FieldId::exe, "x");
              e.add_integer(FieldId::pid, 1);
              e.add_attribute("r", Kind::number, "1");
              e.add_attribute("p.q", Kind::text, "1");
              e.add_attribute("p.q", Kind::text, "2");
            }));
}

TEST(Canonical, EverythingElseCounts) {
  std::set<std::string> forms;
  const auto insert = [&](const std::function<void(Event&)>& fill) { EXPECT_TRUE(forms.insert(form(fill)).second); };
  insert([](Event&) {});
  insert([](Event& e) { e.id[15] = 1; });
  insert([](Event& e) { e.event_time_ms = 1; });
  insert([](Event& e) { e.received_time_ms = 1; });
  insert([](Event& e) { e.original = "x"; });
  insert([](Event& e) { e.add_text(FieldId::exe, ""); });
  insert([](Event& e) { e.add_text(FieldId::exe, "x"); });
  insert([](Event& e) { e.add_text(FieldId::comm, "x"); });
  insert([](Event& e) { e.add_attribute("exe", Kind::text, "x"); });
  insert([](Event& e) { e.add_attribute("exe", Kind::text, "1"); });
  insert([](Event& e) { e.add_attribute("exe", Kind::number, "1"); });
  insert([](Event& e) { e.add_integer(FieldId::pid, 0); });
  insert([](Event& e) { e.add_integer(FieldId::pid, -1); });
  insert([](Event& e) {
    e.add_text(FieldId::args, "a");
    e.add_text(FieldId::args, "b");
  });
  insert([](Event& e) {
    e.add_text(FieldId::args, "b");
    e.add_text(FieldId::args, "a");
  });
  insert([](Event& e) {
    e.add_attribute("p", Kind::text, "a");
    e.add_attribute("p", Kind::text, "b");
  });
  insert([](Event& e) {
    e.add_attribute("p", Kind::text, "b");
    e.add_attribute("p", Kind::text, "a");
  });
  insert([](Event& e) { e.add_attribute("p", Kind::text, std::string_view("ab\0", 3)); });
}

// The form is hashed into a chain that outlives versions of the program, so its bytes may never change.
TEST(Canonical, BytesAreFixed) {
  const std::string bytes = form([](Event& e) {
    e.event_time_ms = 0x0102;
    e.add_text(FieldId::exe, "/x");
    e.add_integer(FieldId::pid, 7);
    e.add_attribute("k", Kind::number, "5");
    e.original = std::string_view("o", 1);
  });
  std::string expected("\x01", 1);
  expected += std::string(16, '\0');
  expected += std::string("\x02\x01\0\0\0\0\0\0", 8) + std::string(8, '\0');
  expected += std::string("\x02\x03", 2) + "exet\x02/x" + "\x03pidi\x07" + std::string(7, '\0');
  expected +=
      "\x01\x01kn\x01"
      "5";
  expected += "\x01o";
  EXPECT_EQ(bytes, expected);
}

TEST(Canonical, LongTextsAreFramedToo) {
  const std::string text(300, 'x');
  const std::string bytes = form([&](Event& e) { e.original = text; });
  EXPECT_TRUE(bytes.ends_with("\xac\x02" + text));
}

}  // namespace
}  // namespace sightline
