// Real CloudTrail events, compared with an independent parser.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "event/time.h"
#include "sources/cloudtrail/cloudtrail_decoder.h"
#include "testing/corpora.h"
#include "testing/json_values.h"

namespace sightline::cloudtrail {
namespace {

namespace fs = std::filesystem;
using testing::collect_leaves;
using testing::same_value;
using testing::Values;
using testing::values_of;

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

sources::Decoded decode(std::string_view bytes) {
  sources::Decoded out;
  const auto decoder = make_cloudtrail_decoder({});
  decoder->write(bytes, out);
  decoder->finish(out);
  return out;
}

// The name under which values of a path are kept: that of the field, where the path is a field's name in lower case.
std::string kept_path(const std::string& path) {
  for (const FieldInfo& field : all_fields()) {
    std::string lower(field.name);
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
    if (field.group == FieldGroup::cloudtrail && lower == path) return std::string(field.name);
  }
  if (path == "useragent") return "userAgent";
  return path == "eventtime" ? "eventTime" : path;
}

// Every value of the JSON is in the event, under its path, in order. Returns how many there are.
std::size_t expect_all_leaves(const Event& event) {
  Values leaves;
  collect_leaves(boost::json::parse(event.original), "", leaves);
  const Values values = values_of(event);
  std::size_t count = 0;
  for (const auto& [written_path, expected] : leaves) {
    const std::string path = kept_path(written_path);
    count += expected.size();
    if (path == "eventTime") {
      EXPECT_EQ(parse_iso8601(expected.front()), event.event_time_ms);
      continue;
    }
    const auto found = values.find(path);
    if (found == values.end()) {
      ADD_FAILURE() << path << " is missing in " << event.original;
      continue;
    }
    EXPECT_TRUE(std::ranges::equal(found->second, expected, same_value)) << path << " in " << event.original;
  }
  return count;
}

TEST(CloudtrailCorpus, StratusEventsComeBackWhole) {
  SIGHTLINE_NEEDS_CORPUS("cloudtrail/stratus");
  std::size_t events = 0;
  std::size_t leaves = 0;
  for (const auto& entry : fs::directory_iterator(testing::corpora() / "cloudtrail/stratus")) {
    if (entry.path().extension() != ".json") continue;
    const std::string bytes = read_file(entry.path());
    const sources::Decoded out = decode(bytes);
    EXPECT_EQ(out.rejected_count, 0U) << entry.path();
    EXPECT_EQ(out.events.size(), boost::json::parse(bytes).as_array().size()) << entry.path();
    // The originals and what may stand between them make up the whole file.
    std::string_view rest = bytes;
    for (const Event& event : out.events.events()) {
      const std::size_t at = rest.find('{');
      ASSERT_NE(at, std::string_view::npos);
      EXPECT_EQ(rest.substr(0, at).find_first_not_of("[, \n\r\t"), std::string_view::npos);
      ASSERT_EQ(rest.substr(at, event.original.size()), event.original);
      rest.remove_prefix(at + event.original.size());
      EXPECT_GT(event.event_time_ms, 0);
      EXPECT_EQ(event.find(FieldId::malformed), nullptr);
      leaves += expect_all_leaves(event);
    }
    EXPECT_EQ(rest.find_first_not_of("] \n\r\t"), std::string_view::npos);
    events += out.events.size();
  }
  EXPECT_EQ(events, 310U);
  std::cout << "stratus: " << events << " events, " << leaves << " values\n";
}

bool names_an_api_call(std::string_view bytes) {
  const boost::json::value value = boost::json::parse(bytes);
  return std::ranges::any_of(value.as_object(), [](const auto& member) {
    return member.key() == "eventName" || member.key() == "eventSource" || member.key() == "eventname";
  });
}

// Some of the lines are events of other services than CloudTrail.
TEST(CloudtrailCorpus, PantherEventsComeBackWhole) {
  SIGHTLINE_NEEDS_CORPUS("cloudtrail/panther/tests.ndjson");
  std::ifstream file(testing::corpora() / "cloudtrail/panther/tests.ndjson", std::ios::binary);
  std::size_t events = 0;
  std::size_t leaves = 0;
  std::size_t others = 0;
  for (std::string line; std::getline(file, line);) {
    constexpr std::string_view kMember = ", \"event\": ";
    const std::size_t at = line.find(kMember);
    ASSERT_NE(at, std::string::npos);
    const std::string_view bytes =
        std::string_view(line).substr(at + kMember.size(), line.size() - at - kMember.size() - 1);
    const sources::Decoded out = decode(bytes);
    if (!names_an_api_call(bytes)) {
      EXPECT_EQ(out.rejected_count, 1U) << bytes;
      ++others;
      continue;
    }
    EXPECT_EQ(out.rejected_count, 0U) << bytes;
    ASSERT_EQ(out.events.size(), 1U) << bytes;
    EXPECT_EQ(out.events.events().front().original, bytes);
    leaves += expect_all_leaves(out.events.events().front());
    ++events;
  }
  EXPECT_EQ(events, 229U);
  EXPECT_EQ(others, 26U);
  std::cout << "panther: " << events << " events, " << leaves << " values; " << others << " of other services\n";
}

}  // namespace
}  // namespace sightline::cloudtrail
