// Whole events as JSON against files under tests/golden/audit: NAME.txt is audit text, NAME.json one event a line.
// SIGHTLINE_UPDATE_GOLDEN=1 rewrites the JSON.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "event/json.h"
#include "sources/audit/decode_testing.h"
#include "sources/audit/golden_testing.h"

namespace sightline::audit {
namespace {

TEST(AuditGolden, Events) {
  const std::filesystem::path folder = SIGHTLINE_SOURCE_DIR "/tests/golden/audit";
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".txt") continue;
    ++files;
    const auto out = testing::decode(testing::read_file(entry.path()));
    EXPECT_EQ(out.rejected_count, 0u) << entry.path();
    std::string json;
    for (const Event& event : out.events.events()) {
      append_json(json, event, {.original = false});
      json += '\n';
    }
    std::filesystem::path expected = entry.path();
    expected.replace_extension(".json");
    if (std::getenv("SIGHTLINE_UPDATE_GOLDEN") != nullptr) std::ofstream(expected, std::ios::binary) << json;
    EXPECT_EQ(json, testing::read_file(expected)) << entry.path();
  }
  EXPECT_GE(files, 4u);
}

}  // namespace
}  // namespace sightline::audit
