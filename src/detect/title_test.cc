#include "detect/title.h"

#include <gmock/gmock.h>

#include "detect/detect_testing.h"

namespace sightline::detect {
namespace {

std::string render(std::string_view title, const Event& event) {
  const auto rules = testing::load({"id: x\ntitle: \"" + std::string(title) + "\"\nseverity: 1\nfilter: pid = 1\n"});
  if (!rules->problems().empty()) return to_string(rules->problems().front());
  return rules->rules().front().title.render(event);
}

TEST(Title, PutsValuesOfAllTypesInPlace) {
  EventBatch batch;
  Event& event = batch.add();
  event.event_time_ms = 1600362902289;
  event.add_text(FieldId::user, "ubuntu");
  event.add_integer(FieldId::pid, 42);
  event.add_boolean(FieldId::success, true);
  event.add_text(FieldId::args, "a");
  event.add_text(FieldId::args, "b");
  event.add_attribute("requestParameters.name", Attribute::Kind::text, "trail");
  EXPECT_EQ(render("{{user}} {{ pid }} {{success}} {{args}} {{requestParameters.name}}", event),
            "ubuntu 42 true a, b trail");
  EXPECT_EQ(render("{{event_time}}", event), "2020-09-17T17:15:02.289Z");
  EXPECT_EQ(render("{{process.pid}} } {single}", event), "42 } {single}");
}

TEST(Title, SaysWhatIsAbsent) {
  EventBatch batch;
  EXPECT_EQ(render("{{user}} ran {{arguments}}", batch.add()), "(no user) ran (no arguments)");
}

TEST(Title, TakesTheFirstNameThatTheEventHas) {
  EventBatch batch;
  Event& event = batch.add();
  event.add_integer(FieldId::uid, 33);
  event.add_text(FieldId::exe, "");
  EXPECT_EQ(render("{{user | uid}} ran {{exe|command|'a program'}}", event), "33 ran a program");
  EXPECT_EQ(render("{{user|auser}} ran", event), "(no user) ran");
  event.add_text(FieldId::user, "www-data");
  event.add_text(FieldId::command, "sh");
  EXPECT_EQ(render("{{user | uid}} ran {{exe|command|'a program'}}", event), "www-data ran sh");
}

TEST(Title, RefusesWhatIsNoNameOrTextAtTheEnd) {
  EventBatch batch;
  const Event& event = batch.add();
  for (const char* title :
       {"{{'text'}}", "{{user|''}}", "{{user|'a'|uid}}", "{{user|}}", "{{|user}}", "{{user|usr}}"}) {
    EXPECT_THAT(render(title, event), ::testing::HasSubstr("title: ")) << title;
  }
}

TEST(Title, StaysOneShortLineOfValidText) {
  EventBatch batch;
  Event& event = batch.add();
  const std::string wide(10'000, 'x');
  event.add_text(FieldId::exe, "a\nb\x1b[0m\xff");
  event.add_text(FieldId::arguments, wide);
  EXPECT_EQ(render("{{exe}}", event), "a b [0m\xEF\xBF\xBD");
  const std::string cut = render("{{arguments}}", event);
  EXPECT_LT(cut.size(), 220U);
  EXPECT_THAT(cut, ::testing::EndsWith("…"));
  std::string many;
  for (int i = 0; i < 50; ++i) many += "{{arguments}}";
  EXPECT_LT(render(many, event).size(), 1100U);
}

}  // namespace
}  // namespace sightline::detect
