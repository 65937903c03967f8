// What is deduced from a filter, held against the filter itself: an event that matches must not contradict it.
#include "detect/conditions.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "query/checker.h"
#include "query/parser.h"
#include "query/predicate.h"
#include "query/testing/random_pairs.h"
#include "query/testing/random_source.h"

namespace sightline::detect {
namespace {

using query::testing::RandomSource;

const std::vector<std::string> kMoreEventTypes{"custom"};

query::Expr checked(const std::string& text) {
  auto expr = query::parse_expression(text);
  if (!expr) throw std::logic_error(text + ": " + expr.error().message);
  if (const auto good = query::check(*expr, {}); !good) throw std::logic_error(text + ": " + good.error().message);
  return std::move(*expr);
}

// A field of which the schema says that it has one value, and which has several: deductions count on the schema.
bool breaks_the_schema(const Event& event) {
  return std::ranges::any_of(event.fields(), [&](const FieldValue& value) {
    return field_info(value.field).cardinality == FieldCardinality::one &&
           std::ranges::count(event.fields(), value.field, &FieldValue::field) > 1;
  });
}

// The number of events that match.
std::size_t expect_sound(const query::Expr& filter, const std::string& text, const EventBatch& batch,
                         std::span<const std::string> event_types) {
  const auto predicate = query::Predicate::compile(filter);
  if (!predicate) throw std::logic_error(text + ": " + predicate.error().message);
  const auto contradiction = find_contradiction(filter, event_types);
  const std::vector<std::string> types = necessary_event_types(filter);
  std::size_t matches = 0;
  for (const Event& event : batch.events()) {
    if (!predicate->matches(event)) continue;
    ++matches;
    if (breaks_the_schema(event)) continue;
    EXPECT_FALSE(contradiction) << text << '\n' << contradiction->message;
    const std::string type(event.text(FieldId::event_type).value_or(""));
    EXPECT_TRUE(types.empty() || std::ranges::find(types, type) != types.end()) << text << '\n' << type;
  }
  return matches;
}

// Filters about few fields with few values, so that conditions meet and exclude each other.
class Filters {
 public:
  explicit Filters(RandomSource& random) : random_(random) {}

  std::string filter(int depth) {
    const std::uint64_t shape = depth == 0 ? 0 : random_.below(5);
    if (shape == 1) return "(" + filter(depth - 1) + " AND " + filter(depth - 1) + ")";
    if (shape == 2) return "(" + filter(depth - 1) + " OR " + filter(depth - 1) + ")";
    if (shape == 3) return "NOT " + filter(depth - 1);
    return leaf();
  }

  void fill(EventBatch& batch, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      Event& event = batch.add();
      for (const FieldId field : {FieldId::event_type, FieldId::type, FieldId::event_name, FieldId::verb}) {
        if (random_.below(4) != 0) event.add_text(field, value_of(field));
      }
      if (random_.below(2) != 0) event.add_integer(FieldId::pid, static_cast<std::int64_t>(random_.below(4)));
    }
  }

 private:
  std::string_view value_of(FieldId field) {
    static constexpr std::array<std::string_view, 5> kTypes{"audit", "cloudtrail", "kubernetes", "winsec", "custom"};
    static constexpr std::array<std::string_view, 3> kOthers{"start", "stop", "Start"};
    return field == FieldId::event_type ? kTypes.at(random_.below(kTypes.size()))
                                        : kOthers.at(random_.below(kOthers.size()));
  }

  std::string leaf() {
    static constexpr std::array kFields{FieldId::event_type, FieldId::event_type, FieldId::type, FieldId::event_name,
                                        FieldId::verb};
    if (random_.below(6) == 0) {
      static constexpr std::array<std::string_view, 6> kOperators{"=", "!=", "<", "<=", ">", ">="};
      return fmt::format("pid {} {}", kOperators.at(random_.below(kOperators.size())), random_.below(4));
    }
    const FieldId field = kFields.at(random_.below(kFields.size()));
    const std::string_view name = field_info(field).name;
    const std::string_view value = value_of(field);
    switch (random_.below(9)) {
      case 0:
        return fmt::format("{} != \"{}\"", name, value);
      case 1:
        return fmt::format("{} IN (\"{}\", \"{}\")", name, value, value_of(field));
      case 2:
        return fmt::format("{} NOT IN (\"{}\", \"{}\")", name, value, value_of(field));
      case 3:
        return fmt::format("{} {} null", name, random_.below(2) == 0 ? "=" : "!=");
      case 4:
        return fmt::format("{} starts_with \"{}\"", name, value.substr(0, 1 + random_.below(2)));
      case 5:
        return fmt::format("{} ieq \"{}\"", name, value);
      case 6:
        if (random_.below(2) == 0) return fmt::format("year(event_time) {} 1970", random_.below(2) == 0 ? "=" : "!=");
        return fmt::format("{} {} field({})", name, random_.below(2) == 0 ? "=" : "!=",
                           field_info(kFields.at(random_.below(kFields.size()))).name);
      default:
        return fmt::format("{} = \"{}\"", name, value);
    }
  }

  RandomSource& random_;
};

class Conditions : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(Conditions, HoldOfEveryEventThatMatches) {
  RandomSource random(GetParam());
  Filters filters(random);
  EventBatch batch;
  filters.fill(batch, 60);
  std::size_t matches = 0;
  for (int i = 0; i < 500; ++i) {
    const std::string text = filters.filter(4);
    matches += expect_sound(checked(text), text, batch, kMoreEventTypes);
  }
  EXPECT_GT(matches, 1000U);
}

TEST_P(Conditions, HoldOfHardValuesToo) {
  const auto pairs = query::testing::make_random_pairs(GetParam(), 60, 200);
  std::vector<std::string> types;
  for (const Event& event : pairs.events.events()) types.emplace_back(event.text(FieldId::event_type).value_or(""));
  std::size_t matches = 0;
  for (const auto& each : pairs.expressions) matches += expect_sound(each.expr, each.text, pairs.events, types);
  EXPECT_GT(matches, 1000U);
}

INSTANTIATE_TEST_SUITE_P(Seeds, Conditions, ::testing::Range<std::uint64_t>(1, 11));

// Of such conditions nothing is known but what stands around them.
TEST(UnknownConditions, OfTwoFieldsAndPartsOfTimesNothingFollows) {
  for (const std::string leaf : {"event_type = field(type)", "NOT event_type = field(type)", "hour(event_time) = 3",
                                 "hour(event_time) NOT IN (3, 4)"}) {
    EXPECT_EQ(necessary_event_types(checked(leaf)).size(), 0U) << leaf;
    EXPECT_FALSE(find_contradiction(checked(leaf + " AND event_type = null AND event_time > 1600000000")).has_value())
        << leaf;
    const query::Expr both = checked(leaf + R"( AND event_type = "audit")");
    EXPECT_EQ(necessary_event_types(both), std::vector<std::string>{"audit"}) << leaf;
    const query::Expr either = checked(leaf + R"( OR event_type = "audit")");
    EXPECT_EQ(necessary_event_types(either).size(), 0U) << leaf;
    EXPECT_FALSE(find_contradiction(checked(leaf + R"( OR event_type = "nonsense")")).has_value()) << leaf;
    EXPECT_TRUE(find_contradiction(checked(leaf + R"( AND event_type = "nonsense")")).has_value()) << leaf;
  }
}

TEST(EventTypes, AreThoseTheFilterNames) {
  const auto types = [](const std::string& text) {
    return fmt::format("{}", fmt::join(necessary_event_types(checked(text)), " "));
  };
  EXPECT_EQ(types(R"(event_type = "audit")"), "audit");
  EXPECT_EQ(types(R"(event_type IN ("file", "audit") AND event_type != "file")"), "audit file");
  EXPECT_EQ(types(R"(event_type = "audit" OR event_type = "file" AND type = "open")"), "audit file");
  EXPECT_EQ(types(R"(event_type = "audit" OR type = "open")"), "");
  EXPECT_EQ(types(R"(NOT event_type = "audit")"), "");
  EXPECT_EQ(types(R"(event_type ieq "audit")"), "");
  EXPECT_EQ(types(R"(eventName = "GetObject")"), "") << "NDJSON of any kind may have it";
}

}  // namespace
}  // namespace sightline::detect
