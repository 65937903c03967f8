#include "sources/audit/names.h"

#include <gtest/gtest.h>

#include "sources/audit/verbs.h"

namespace sightline::audit {
namespace {

constexpr std::uint32_t kX86_64 = 0xc000003e;
constexpr std::uint32_t kI386 = 0x40000003;
constexpr std::uint32_t kAarch64 = 0xc00000b7;

std::string_view call_name(std::uint32_t elf, std::uint64_t number) {
  const Arch* arch = find_arch(elf);
  const Syscall* call = arch == nullptr ? nullptr : find_syscall(*arch, number);
  return call == nullptr ? std::string_view() : call->name;
}

TEST(Names, Architectures) {
  EXPECT_EQ(find_arch(kX86_64)->name, "x86_64");
  EXPECT_EQ(find_arch(kI386)->name, "i386");
  EXPECT_EQ(find_arch(kAarch64)->name, "aarch64");
  EXPECT_EQ(find_arch(12345), nullptr);
  EXPECT_TRUE(find_arch(kX86_64)->little_endian);
  EXPECT_FALSE(find_arch(0x80000016)->little_endian);  // s390x
}

TEST(Names, SystemCallsByArchitecture) {
  EXPECT_EQ(call_name(kX86_64, 59), "execve");
  EXPECT_EQ(call_name(kI386, 11), "execve");
  EXPECT_EQ(call_name(kAarch64, 221), "execve");
  EXPECT_EQ(call_name(kX86_64, 42), "connect");
  EXPECT_EQ(call_name(kAarch64, 203), "connect");
  EXPECT_EQ(call_name(kI386, 102), "socketcall");
}

TEST(Names, CallsThatTheLibraryDoesNotKnowYet) {
  EXPECT_EQ(call_name(kX86_64, 452), "fchmodat2");
  EXPECT_EQ(call_name(kAarch64, 452), "fchmodat2");
  EXPECT_EQ(call_name(kX86_64, 511), "");
  EXPECT_EQ(call_name(kX86_64, 1'000'000), "");
}

TEST(Names, Errno) {
  EXPECT_EQ(errno_name(2), "ENOENT");
  EXPECT_EQ(errno_name(13), "EACCES");
  EXPECT_EQ(errno_name(0), "");
  EXPECT_EQ(errno_name(UINT64_MAX), "");
}

TEST(Names, RecordTypesBothWays) {
  EXPECT_EQ(record_type_name(RecordType::crypto_key_user), "CRYPTO_KEY_USER");
  EXPECT_EQ(find_record_type("CRYPTO_KEY_USER"), RecordType::crypto_key_user);
  EXPECT_EQ(find_record_type("UNKNOWN[1300]"), RecordType::syscall);
  EXPECT_EQ(find_record_type("1300"), RecordType::syscall);
  EXPECT_EQ(find_record_type("UNKNOWN[x]"), RecordType::unknown);
  EXPECT_EQ(record_type_name(RecordType::unknown), "");
  EXPECT_EQ(find_record_type("LANDLOCK_ACCESS"), RecordType{1423});
}

TEST(Names, Verbs) {
  EXPECT_EQ(find_syscall_verb("execve")->type, "start");
  EXPECT_EQ(find_syscall_verb("finit_module")->type, "module_load");
  EXPECT_EQ(find_syscall_verb("getpid"), nullptr);
  EXPECT_EQ(find_socketcall_verb(3)->syscall, "connect");
  EXPECT_EQ(find_socketcall_verb(18)->syscall, "accept4");
  EXPECT_EQ(find_socketcall_verb(0), nullptr);
  EXPECT_EQ(find_uring_verb(18)->syscall, "openat");
  EXPECT_EQ(find_uring_verb(0), nullptr);
  EXPECT_EQ(find_record_verb(RecordType::user_login)->failed_verb, "login_failed");
  EXPECT_EQ(find_record_verb(RecordType::path), nullptr);
}

}  // namespace
}  // namespace sightline::audit
