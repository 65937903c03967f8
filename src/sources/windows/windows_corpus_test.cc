// SigmaHQ's regression events, compared with an independent parser.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>

#include "sources/decode_testing.h"
#include "sources/windows/windows_decoder.h"
#include "testing/corpora.h"
#include "testing/json_values.h"

namespace sightline::windows {
namespace {

namespace fs = std::filesystem;
using testing::Values;

// Every value of the JSON is somewhere in the event. Returns how many there are.
std::size_t expect_all_leaves(const Event& event) {
  Values leaves;
  testing::collect_leaves(boost::json::parse(event.original), "", leaves);
  const Values values = testing::values_of(event);
  std::size_t count = 0;
  for (const auto& [path, expected] : leaves) {
    for (const std::string& value : expected) {
      ++count;
      EXPECT_TRUE(std::ranges::any_of(values,
                                      [&](const auto& entry) {
                                        return std::ranges::any_of(entry.second, [&](const auto& kept) {
                                          return testing::same_value(kept, value);
                                        });
                                      }))
          << path << " = " << value << " in " << event.original;
    }
  }
  return count;
}

struct Tally {
  std::size_t files = 0;
  std::size_t files_with_several = 0;
  std::size_t values = 0;
  std::map<std::string, std::size_t> kinds;
};

// The originals and the spaces between them make up the whole file.
void read_file(const fs::path& path, Tally& tally) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  const sources::Decoded out = sources::testing::decode(*make_windows_decoder({}), bytes);
  EXPECT_EQ(out.rejected_count, 0U) << path;
  EXPECT_GE(out.events.size(), 1U) << path;
  std::string_view rest = bytes;
  for (const Event& event : out.events.events()) {
    rest.remove_prefix(std::min(rest.find('{'), rest.size()));
    ASSERT_TRUE(rest.starts_with(event.original)) << path;
    rest.remove_prefix(event.original.size());
    EXPECT_GT(event.event_time_ms, 0) << path;
    EXPECT_EQ(event.find(FieldId::malformed), nullptr) << path;
    for (const FieldId field : {FieldId::provider, FieldId::channel, FieldId::hostname, FieldId::record_number}) {
      EXPECT_NE(event.find(field), nullptr) << field_info(field).name << " in " << path;
    }
    tally.values += expect_all_leaves(event);
    ++tally.kinds[std::string(event.text(FieldId::event_type).value_or("?")) + "/" +
                  std::string(event.text(FieldId::type).value_or(""))];
  }
  EXPECT_EQ(rest.find_first_not_of(" \r\n\t"), std::string_view::npos) << path;
  ++tally.files;
  if (out.events.size() > 1) ++tally.files_with_several;
}

TEST(WindowsCorpus, EveryRegressionEventComesBackWhole) {
  SIGHTLINE_NEEDS_CORPUS("sigma-regression");
  Tally tally;
  for (const auto& entry : fs::recursive_directory_iterator(testing::corpora() / "sigma-regression")) {
    if (entry.path().extension() == ".json") read_file(entry.path(), tally);
  }
  EXPECT_EQ(tally.files, 98U);
  EXPECT_EQ(tally.files_with_several, 7U);
  const std::map<std::string, std::size_t> expected = {{"audit/start", 68}, {"file/create", 22}, {"winsec/", 26}};
  EXPECT_EQ(tally.kinds, expected);
  std::cout << "regression: " << tally.files << " files, 116 events, " << tally.values << " values\n";
}

}  // namespace
}  // namespace sightline::windows
