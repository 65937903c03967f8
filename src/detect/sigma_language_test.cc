// Sigma's language, form by form: the cases of tests/sigma, each from YAML to a firing, by the matcher and by the
// predicate alone.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>

#include "detect/compiled_rules.h"
#include "detect/detect_testing.h"
#include "detect/rule_filter.h"
#include "detect/sigma/modifiers.h"
#include "detect/testing/sigma_cases.h"
#include "sources/formats/formats.h"

namespace sightline::detect {
namespace {

using ::testing::HasSubstr;
using testing::SigmaCase;

const sigma::Mapping& test_mapping() {
  static const sigma::Mapping kMapping = [] {
    sigma::Mapping mapping;
    const auto added = mapping.add(R"(
logsources: [{category: test}, {category: test, product: box}]
events: event_type = "host"
fields:
  Renamed: user
  Either: [user, target_user]
  Named: {field: type, values: {"on": start}}
missing: [Nowhere]
times: [UtcTime]
---
logsources: [{category: closed}]
events: event_type = "host"
fields: {Image: exe}
others: none
keywords: false
)");
    EXPECT_TRUE(added.has_value()) << added.error().message;
    return mapping;
  }();
  return kMapping;
}

const LoadOptions& options() {
  static const LoadOptions kOptions{
      .sigma_mapping = &test_mapping(),
      .placeholders = {{"Admins", {"root", "adm_*"}},
                       {"Networks", {"10.0.0.0/8", "fd00::/8"}},
                       {"NightHours", {"22", "23"}},
                       {"Empty", {}}},
  };
  return kOptions;
}

constexpr std::size_t kLinesBefore = 5;  // of the rule, before its detection's first line

std::string rule_of(const SigmaCase& test) {
  return fmt::format("title: T\nid: r\nname: by_name\nlogsource: {}\ndetection:\n{}", test.log_source, test.detection);
}

std::shared_ptr<const RuleSet> load(const SigmaCase& test) {
  std::vector<std::string> documents{rule_of(test)};
  documents.insert(documents.end(), test.filters.begin(), test.filters.end());
  return testing::load(std::move(documents), options());
}

struct Answers {
  bool matcher = false;
  bool predicate = false;
  bool from_text = false;  // the filter as it is shown, read again
};

Answers try_on(const std::shared_ptr<const RuleSet>& rules, const std::string& json) {
  const auto decoder = sources::make_decoder(sources::Format::ndjson, {});
  sources::Decoded decoded;
  decoder->write(json + "\n", decoded);
  decoder->finish(decoded);
  EXPECT_EQ(decoded.events.size(), 1U);
  if (decoded.events.size() != 1) return {};
  const Event& event = decoded.events.events().front();
  const Detection detection = Detector(rules).detect(decoded.events, 0);
  const auto filter = read_filter(rules->rules().front().filter);
  EXPECT_TRUE(filter.has_value());
  const auto predicate = filter ? query::Predicate::compile(*filter) : std::unexpected(filter.error());
  EXPECT_TRUE(predicate.has_value());
  return {!detection.firings.empty(), rules->compiled().compiled.front().fires(event),
          predicate && predicate->matches(event)};
}

void expect_answer(const std::shared_ptr<const RuleSet>& rules, const std::string& json, bool expected) {
  SCOPED_TRACE(json);
  const Answers answers = try_on(rules, json);
  EXPECT_EQ(answers.matcher, expected) << "the matcher";
  EXPECT_EQ(answers.predicate, expected) << "the predicate";
  EXPECT_EQ(answers.from_text, expected) << rules->rules().front().filter;
}

void expect_refused(const SigmaCase& test, const RuleSet& rules) {
  EXPECT_TRUE(rules.rules().empty());
  ASSERT_EQ(rules.problems().size(), 1U);
  const RuleProblem& problem = rules.problems().front();
  EXPECT_THAT(to_string(problem), HasSubstr(test.refused));
  EXPECT_EQ(problem.line, test.refused_line + kLinesBefore);
  EXPECT_GT(problem.column, 0U);
}

void expect(const SigmaCase& test) {
  const auto rules = load(test);
  if (test.refused_line > 0) return expect_refused(test, *rules);
  for (const RuleProblem& problem : rules->problems()) ADD_FAILURE() << to_string(problem);
  ASSERT_EQ(rules->rules().size(), 1U);
  const std::string& inactive = rules->rules().front().inactive_reason;
  if (!test.inactive.empty()) {
    EXPECT_THAT(inactive, HasSubstr(test.inactive));
    return;
  }
  ASSERT_EQ(inactive, "");
  for (const std::string& json : test.matching) expect_answer(rules, json, true);
  for (const std::string& json : test.others) expect_answer(rules, json, false);
}

class SigmaLanguage : public ::testing::TestWithParam<std::filesystem::path> {};

TEST_P(SigmaLanguage, HoldsInEveryCase) {
  for (const SigmaCase& test : testing::load_sigma_cases(GetParam())) {
    SCOPED_TRACE(fmt::format("{}:{}: {}", GetParam().filename().string(), test.line, test.title));
    expect(test);
  }
}

std::string name_of(const ::testing::TestParamInfo<std::filesystem::path>& info) { return info.param.stem().string(); }

INSTANTIATE_TEST_SUITE_P(Cases, SigmaLanguage, ::testing::ValuesIn(testing::sigma_case_files()), name_of);

bool uses(const SigmaCase& test, std::string_view modifier) {
  const std::string word = fmt::format("|{}", modifier);
  for (std::size_t at = test.detection.find(word); at != std::string::npos; at = test.detection.find(word, at + 1)) {
    const char next = at + word.size() < test.detection.size() ? test.detection[at + word.size()] : '\0';
    if (next == ':' || next == '|' || next == '\'') return true;
  }
  return false;
}

TEST(SigmaModifiers, EachHasCasesThatMatchAndThatDoNot) {
  const auto modifiers = sigma::modifier_names();
  EXPECT_GT(modifiers.size(), 20U);
  for (const std::string_view modifier : modifiers) {
    SCOPED_TRACE(modifier);
    const auto cases = testing::load_sigma_cases(testing::sigma_modifier_folder() / fmt::format("{}.txt", modifier));
    const bool tried = std::ranges::any_of(cases, [&](const SigmaCase& test) {
      return uses(test, modifier) && !test.matching.empty() && !test.others.empty();
    });
    EXPECT_TRUE(tried);
  }
}

}  // namespace
}  // namespace sightline::detect
