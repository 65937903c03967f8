#include "store/clickhouse/embedded/store_files.h"

#include <gtest/gtest.h>

#include <fstream>

#include "testing/temporary_directory.h"

namespace sightline::store {
namespace {

namespace fs = std::filesystem;

class StoreFilesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    write("store/1/events/day_1_1_0/checksums.txt", "1");
    write("store/1/events/day_1_1_0/data.bin", "first");
    write("store/1/events/tmp_insert_2/data.bin", "half");
    write("metadata/events.sql", "old");
    write("store/2/names/all_1_1_0/checksums.txt", "n");
    write("status", "running");
    fs::create_directories(source() / "store/1/events/detached");
    fs::create_directories(source() / "data/sightline");
    fs::create_directory_symlink("../../store/1/events", source() / "data/sightline/events");
    fs::create_directory_symlink("../../store/2/names", source() / "data/sightline/names");
  }
  fs::path source() const { return directory_.path() / "source"; }
  fs::path target() const { return directory_.path() / "target"; }
  void write(const std::string& name, const std::string& text) const {
    fs::create_directories((source() / name).parent_path());
    fs::remove(source() / name);  // the engine replaces files, it does not write into them
    std::ofstream(source() / name) << text;
  }
  std::string read(const std::string& name) const {
    std::ifstream stream(target() / name);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  const sightline::testing::TemporaryDirectory directory_;
};

TEST_F(StoreFilesTest, LinksWhatIsInPlace) {
  StoreFileLinks links(source(), target());
  ASSERT_TRUE(links.update({}));
  EXPECT_EQ(read("store/1/events/day_1_1_0/data.bin"), "first");
  EXPECT_EQ(read("data/sightline/events/day_1_1_0/data.bin"), "first");
  EXPECT_EQ(read("store/2/names/all_1_1_0/checksums.txt"), "n");
  EXPECT_EQ(fs::hard_link_count(target() / "store/1/events/day_1_1_0/data.bin"), 2U);
  EXPECT_TRUE(fs::is_directory(target() / "store/1/events/detached"));
  EXPECT_FALSE(fs::exists(target() / "store/1/events/tmp_insert_2"));
  EXPECT_FALSE(fs::exists(target() / "status"));
}

TEST_F(StoreFilesTest, ASecondUpdateFollowsMergesAndNewTables) {
  StoreFileLinks links(source(), target());
  ASSERT_TRUE(links.update({}));
  write("store/1/events/day_1_2_1/checksums.txt", "2");
  write("store/1/events/day_1_2_1/data.bin", "merged");
  fs::remove_all(source() / "store/1/events/day_1_1_0");
  write("metadata/events.sql", "new");
  ASSERT_TRUE(links.update({}));
  EXPECT_EQ(read("store/1/events/day_1_2_1/data.bin"), "merged");
  EXPECT_FALSE(fs::exists(target() / "store/1/events/day_1_1_0"));
  EXPECT_EQ(read("metadata/events.sql"), "new");
}

TEST_F(StoreFilesTest, StopsWhenTold) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(StoreFileLinks(source(), target()).update(stop.get_token()).error().code, ErrorCode::cancelled);
}

}  // namespace
}  // namespace sightline::store
