#include "server/backup/backup_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "testing/temporary_directory.h"

namespace sightline::backup {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class BackupSetTest : public ::testing::Test {
 protected:
  void SetUp() override {
    write("parts/one/data", "first");
    write("parts/two/data", std::string(3'000'000, 'x'));
    fs::create_directories(tree() / "empty");
    fs::create_symlink("../parts/one", tree() / "empty/link");
    fs::create_directories(tree() / "hollow");
  }

  fs::path tree() const { return directory_.path() / "tree"; }
  fs::path target() const { return directory_.path() / "backups"; }
  void write(const std::string& name, const std::string& text) const {
    fs::create_directories((tree() / name).parent_path());
    std::ofstream(tree() / name) << text;
  }
  static std::string read(const fs::path& file) {
    std::ifstream stream(file);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  WriteOutcome back_up() {
    const auto set = BackupSet::open_for_writing(target());
    auto writer = BackupWriter::begin(*set, 1795000000000, {}, {});
    EXPECT_TRUE((*writer)->add_tree(tree(), "t"));
    auto written = (*writer)->finish("0.1.0", {1, sha256("head")}, {});
    EXPECT_TRUE(written);
    return *written;
  }

  Result<void> restore_newest(const fs::path* to) {
    const auto set = BackupSet::open(target());
    const std::string name = set->names()->back();
    const auto inventory = set->inventory(name);
    if (!inventory) return std::unexpected(inventory.error());
    return restore(*set, name, *inventory, to, {}, {});
  }

  const sightline::testing::TemporaryDirectory directory_;
};

TEST_F(BackupSetTest, ComesBackWithItsTimes) {
  const WriteOutcome written = back_up();
  EXPECT_EQ(written.name, "000001-20261118T110640Z");
  EXPECT_EQ(written.files, 2U);
  EXPECT_EQ(written.copied_bytes, 3'000'005U);
  const fs::path to = directory_.path() / "restored";
  ASSERT_TRUE(restore_newest(&to));
  EXPECT_EQ(read(to / "t/parts/one/data"), "first");
  EXPECT_EQ(read(to / "t/empty/link/data"), "first");
  EXPECT_TRUE(fs::is_directory(to / "t/hollow"));
  EXPECT_EQ(fs::last_write_time(to / "t/parts/two/data"), fs::last_write_time(tree() / "parts/two/data"));
}

TEST_F(BackupSetTest, ASecondOneCopiesWhatIsNewAndNeedsNotTheFirst) {
  const WriteOutcome first = back_up();
  write("parts/three/data", "third");
  fs::remove_all(tree() / "parts/one");
  const WriteOutcome second = back_up();
  EXPECT_EQ(second.copied_files, 1U);
  EXPECT_EQ(second.copied_bytes, 5U);
  EXPECT_EQ(second.bytes, 3'000'005U);
  struct stat status{};
  ASSERT_EQ(::stat((target() / second.name / "t/parts/two/data").c_str(), &status), 0);
  EXPECT_EQ(status.st_nlink, 2U);
  fs::remove_all(target() / first.name);
  const fs::path to = directory_.path() / "restored";
  ASSERT_TRUE(restore_newest(&to));
  EXPECT_EQ(read(to / "t/parts/three/data"), "third");
  EXPECT_FALSE(fs::exists(to / "t/parts/one"));
}

TEST_F(BackupSetTest, AFileThatChangedInPlaceIsCopied) {
  back_up();
  write("parts/one/data", "other");  // of the same size
  fs::last_write_time(tree() / "parts/one/data", fs::file_time_type::clock::now() + std::chrono::seconds(5));
  EXPECT_EQ(back_up().copied_files, 1U);
  const fs::path to = directory_.path() / "restored";
  ASSERT_TRUE(restore_newest(&to));
  EXPECT_EQ(read(to / "t/parts/one/data"), "other");
}

TEST_F(BackupSetTest, OneThatWasBrokenOffDoesNotCount) {
  back_up();
  {
    const auto set = BackupSet::open_for_writing(target());
    const auto writer = BackupWriter::begin(*set, 1795000000000, {}, {});
    ASSERT_TRUE((*writer)->add_tree(tree(), "t"));
  }
  fs::create_directories(target() / "000002-20261118T114640Z.partial/t");  // of a process that was killed
  EXPECT_EQ(BackupSet::open(target())->names()->size(), 1U);
  EXPECT_EQ(back_up().name, "000002-20261118T110640Z");
  for (const auto& entry : fs::directory_iterator(target())) {
    EXPECT_THAT(entry.path().string(), ::testing::Not(EndsWith(".partial")));
  }
}

TEST_F(BackupSetTest, ADamagedOneNamesItsFile) {
  const WriteOutcome written = back_up();
  const fs::path file = target() / written.name / "t/parts/one/data";
  for (const std::string text : {"firsT", "firs", "first!", ""}) {
    std::ofstream(file) << text;
    const auto refused = restore_newest(nullptr);
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().code, ErrorCode::corrupt);
    EXPECT_THAT(refused.error().message, HasSubstr(file.string()));
  }
  std::ofstream(file) << "first";
  EXPECT_TRUE(restore_newest(nullptr));
  fs::remove(file);
  EXPECT_THAT(restore_newest(nullptr).error().message, HasSubstr(file.string() + ": it is missing"));
}

TEST_F(BackupSetTest, AnUnreadableInventoryMakesTheNextBackupWhole) {
  const WriteOutcome written = back_up();
  std::ofstream(target() / written.name / "inventory") << "sightline backup 1\n";
  const auto set = BackupSet::open_for_writing(target());
  const auto writer = BackupWriter::begin(*set, 1795000000000, {}, {});
  EXPECT_THAT((*writer)->previous_problem(), HasSubstr("inventory"));
  ASSERT_TRUE((*writer)->add_tree(tree(), "t"));
  EXPECT_EQ((*writer)->finish("0.1.0", {}, {})->copied_files, 2U);
}

TEST_F(BackupSetTest, GoesToAFolderOfItsOwn) {
  fs::create_directories(target());
  std::ofstream(target() / "letter.txt") << "dear";
  const auto refused = BackupSet::open_for_writing(target());
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("letter.txt"));
  EXPECT_EQ(BackupSet::open(target()).error().code, ErrorCode::not_found);
}

TEST_F(BackupSetTest, OneAtATime) {
  const auto set = BackupSet::open_for_writing(target());
  ASSERT_TRUE(set);
  EXPECT_EQ(BackupSet::open_for_writing(target()).error().code, ErrorCode::conflict);
}

TEST_F(BackupSetTest, StopsWhenTold) {
  std::stop_source stop;
  stop.request_stop();
  const auto set = BackupSet::open_for_writing(target());
  const auto writer = BackupWriter::begin(*set, 1795000000000, stop.get_token(), {});
  EXPECT_EQ((*writer)->add_tree(tree(), "t").error().code, ErrorCode::cancelled);
}

TEST_F(BackupSetTest, RefusesALinkThatLeadsOut) {
  fs::create_symlink("../../../etc", tree() / "out");
  const auto set = BackupSet::open_for_writing(target());
  const auto writer = BackupWriter::begin(*set, 1795000000000, {}, {});
  EXPECT_THAT((*writer)->add_tree(tree(), "t").error().message, HasSubstr("leads out"));
}

}  // namespace
}  // namespace sightline::backup
