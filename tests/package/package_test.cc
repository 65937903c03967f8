// The agent's Debian package: what is in it, and that what is in it works.
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "harness/program.h"
#include "testing/temporary_directory.h"

namespace sightline {
namespace {

class Package : public ::testing::Test {
 protected:
  void SetUp() override {
    if (::access("/usr/bin/dpkg-deb", X_OK) != 0) GTEST_SKIP() << "NOT TESTED: this is no Debian";
    const testing::Outcome made =
        testing::run_program({"/bin/bash", SIGHTLINE_PACKAGE_SCRIPT, "--no-build", directory_.path().string()});
    ASSERT_EQ(made.exit_code, 0) << made.err;
    file_ = made.out.substr(0, made.out.find('\n'));
    const testing::Outcome unpacked = testing::run_program({"/usr/bin/dpkg-deb", "-x", file_, root().string()});
    ASSERT_EQ(unpacked.exit_code, 0) << unpacked.err;
  }

  std::filesystem::path root() const { return directory_.path() / "root"; }
  const std::string& file() const { return file_; }

 private:
  testing::TemporaryDirectory directory_;
  std::string file_;
};

TEST_F(Package, TheProgramRunsAndItsConfigurationIsRead) {
  const std::string program = (root() / "usr/bin/sightline-agent").string();
  EXPECT_EQ(testing::run_program({program, "--version"}).exit_code, 0);
  // Every option of the file, also those that stand in it as a comment.
  std::ifstream in(root() / "etc/sightline/agent.conf");
  const std::filesystem::path all = root() / "all.conf";
  std::ofstream out(all);
  for (std::string line; std::getline(in, line);) {
    const bool is_option = line.starts_with('#') && line.size() > 1 && line[1] != ' ';
    out << (is_option ? line.substr(1) : line) << '\n';
  }
  out.close();
  for (const std::filesystem::path& config : {root() / "etc/sightline/agent.conf", all}) {
    const testing::Outcome checked = testing::run_program(
        {program, "check", "--config", config.string(), "--audit", "off", "--server", "http://127.0.0.1:1"});
    EXPECT_EQ(checked.exit_code, 1) << checked.out << checked.err;  // there is no server
    EXPECT_EQ(checked.err, "");
    EXPECT_NE(checked.out.find("1024 MiB"), std::string::npos) << checked.out;
  }
  // A mistake is one, wherever it stands.
  for (const char* text : {"nonsense = 1\n", "spool-max = lots\n", "audit = \"off\"\naudit = \"auto\"\n",
                           "[section]\naudit = \"off\"\n"}) {
    const std::filesystem::path wrong = root() / "wrong.conf";
    std::ofstream(wrong) << text;
    const testing::Outcome refused = testing::run_program({program, "check", "--config", wrong.string()});
    EXPECT_EQ(refused.exit_code, 2) << text << refused.out;
    EXPECT_NE(refused.err.find("wrong.conf: "), std::string::npos) << refused.err;
  }
  EXPECT_EQ(testing::run_program({program, "check", "--config", "/nonexistent"}).exit_code, 2);
}

TEST_F(Package, NamesWhatItNeedsAndKeepsConfigurationToRoot) {
  const testing::Outcome depends = testing::run_program({"/usr/bin/dpkg-deb", "-f", file(), "Depends"});
  for (const char* library : {"libc6 (>= ", "libaudit1 (>= ", "libcurl4 (>= ", "libzstd1 (>= "}) {
    EXPECT_NE(depends.out.find(library), std::string::npos) << depends.out;
  }
  const testing::Outcome contents = testing::run_program({"/usr/bin/dpkg-deb", "-c", file()});
  EXPECT_NE(contents.out.find("-rw-r----- root/root"), std::string::npos);
  for (const char* name : {"./usr/bin/sightline-agent", "./lib/systemd/system/sightline-agent.service",
                           "./etc/sightline/agent.conf", "./etc/sightline/audit.rules"}) {
    EXPECT_NE(contents.out.find(name), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace sightline
