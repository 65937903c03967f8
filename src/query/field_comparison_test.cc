// Comparisons of two fields beyond what the query cases show: long lists, trees that no text stands for.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "query/checker.h"
#include "query/parser.h"
#include "query/predicate.h"

namespace sightline::query {
namespace {

bool holds(std::string_view text, const Event& event) {
  std::expected<Expr, Diagnostic> expr = parse_expression(text);
  if (!expr) throw std::logic_error(render(expr.error(), text));
  if (const auto checked = check(*expr, {}); !checked) throw std::logic_error(render(checked.error(), text));
  return Predicate::compile(*expr)->matches(event);
}

// Lists of `count` values each, none of which is in both.
Event& add_lists(EventBatch& batch, int count) {
  Event& event = batch.add();
  for (int i = 0; i < count; ++i) {
    event.add_text(FieldId::args, batch.arena().copy(fmt::format("arg-{:03}", i)));
    event.add_text(FieldId::path, batch.arena().copy(fmt::format("path-{:03}", i)));
  }
  return event;
}

TEST(FieldComparison, FindsTheOnePairInLongLists) {
  for (const int count : {1, 8, 9, 100}) {
    SCOPED_TRACE(count);
    EventBatch batch;
    Event& event = add_lists(batch, count);
    EXPECT_FALSE(holds("args = field(path)", event));
    EXPECT_FALSE(holds("args ieq field(path)", event));
    EXPECT_FALSE(holds("args >= field(path)", event));
    EXPECT_FALSE(holds("args contains field(path)", event));
    EXPECT_TRUE(holds("args < field(path)", event));
    event.add_text(FieldId::args, "PATH-000");
    EXPECT_FALSE(holds("args = field(path)", event));
    EXPECT_TRUE(holds("args ieq field(path)", event));
    EXPECT_FALSE(holds("args contains field(path)", event));
    EXPECT_TRUE(holds("args icontains field(path)", event));
    event.add_text(FieldId::args, "path-000");
    EXPECT_TRUE(holds("args = field(path)", event));
    EXPECT_TRUE(holds("args >= field(path)", event));
    EXPECT_EQ(holds("args > field(path)", event), false);
    EXPECT_TRUE(holds("args starts_with field(path)", event));
  }
}

// More digits than stand in the memory that is at hand.
TEST(FieldComparison, ManyIntegers) {
  EventBatch batch;
  Event& event = batch.add();
  for (int i = 0; i < 500; ++i) event.add_integer(FieldId::pid, i);
  for (int i = 500; i < 1000; ++i) event.add_integer(FieldId::ppid, i);
  EXPECT_FALSE(holds("pid = field(ppid)", event));
  EXPECT_FALSE(holds("pid > field(ppid)", event));
  EXPECT_TRUE(holds("pid < field(ppid)", event));
  event.add_integer(FieldId::pid, 999);
  EXPECT_TRUE(holds("pid = field(ppid)", event));
  EXPECT_TRUE(holds("pid > field(ppid)", event));
}

TEST(FieldComparison, TreesFromElsewhereAreChecked) {
  const FieldRef user{"user", {}, {}};
  const FieldRef auser{"auser", {}, {}};
  const auto accepted = [&](Comparator comparator, bool ignore_case) {
    Expr expr{FieldComparison{user, comparator, ignore_case, auser}, {}};
    EXPECT_FALSE(Predicate::compile(expr).has_value()) << "it has no targets yet";
    return check(expr, {}).has_value();
  };
  EXPECT_TRUE(accepted(Comparator::equals, true));
  EXPECT_TRUE(accepted(Comparator::less, false));
  EXPECT_FALSE(accepted(Comparator::less, true));
  EXPECT_FALSE(accepted(Comparator::glob, false));
  EXPECT_FALSE(accepted(Comparator::matches, false));
  EXPECT_FALSE(accepted(Comparator::cidr, false));
}

}  // namespace
}  // namespace sightline::query
