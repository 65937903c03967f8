#include "agent/host/host_facts.h"

#include <gtest/gtest.h>

#include <fstream>

#include "testing/temporary_directory.h"

namespace sightline::agent {
namespace {

void write(const std::filesystem::path& file, std::string_view text) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file) << text;
}

TEST(HostFacts, AreReadWhereTheyStand) {
  const testing::TemporaryDirectory root;
  write(root.path() / "etc/machine-id", "0123456789abcdef0123456789abcdef\n");
  write(root.path() / "proc/sys/kernel/random/boot_id", "6f0f9a4e-2f6a-4a0e-9a64-a3f0d9a8c001\n");
  write(root.path() / "etc/os-release", "NAME=\"Debian GNU/Linux\"\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n");
  const HostFacts facts = read_host_facts(root.path());
  EXPECT_EQ(facts.machine_id, "0123456789abcdef0123456789abcdef");
  EXPECT_EQ(facts.boot_id, "6f0f9a4e-2f6a-4a0e-9a64-a3f0d9a8c001");
  EXPECT_EQ(facts.os_version, "Debian GNU/Linux 12 (bookworm)");
  EXPECT_FALSE(facts.hostname.empty());
  EXPECT_FALSE(facts.kernel.empty());
}

TEST(HostFacts, AreEmptyWhereTheHostDoesNotSay) {
  const testing::TemporaryDirectory root;
  write(root.path() / "usr/lib/os-release", "PRETTY_NAME=Tiny\n");
  const HostFacts facts = read_host_facts(root.path());
  EXPECT_EQ(facts.machine_id, "");
  EXPECT_EQ(facts.boot_id, "");
  EXPECT_EQ(facts.os_version, "Tiny");
}

}  // namespace
}  // namespace sightline::agent
