#include "event/fields_doc.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "event/field.h"

namespace sightline {
namespace {

// SIGHTLINE_UPDATE_GOLDENS=1 writes the page instead of comparing it.
TEST(FieldsPage, IsUpToDate) {
  const std::string path = std::string(SIGHTLINE_SOURCE_DIR) + "/docs/fields.md";
  if (std::getenv("SIGHTLINE_UPDATE_GOLDENS") != nullptr) std::ofstream(path, std::ios::binary) << fields_markdown();
  std::ifstream file(path, std::ios::binary);
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(page, fields_markdown()) << "run this test once with SIGHTLINE_UPDATE_GOLDENS=1";
}

TEST(FieldsPage, NamesEveryFieldOnce) {
  const std::string page = fields_markdown();
  for (const FieldInfo& field : all_fields()) {
    const std::string cell = "\n| `" + std::string(field.name) + "` |";
    const std::size_t found = page.find(cell);
    ASSERT_NE(found, std::string::npos) << field.name;
    EXPECT_EQ(page.find(cell, found + 1), std::string::npos) << field.name;
  }
}

}  // namespace
}  // namespace sightline
