// A disk that fills up again and again, by what the server stores or by another program at any moment of its writes.
// While it is full, telemetry is refused; when there is space, the same process goes on; everything that was
// acknowledged is there once.
//
// SIGHTLINE_DISK_ROUNDS and SIGHTLINE_DISK_SEED change how often and which.
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <random>
#include <thread>

#include "ledger/ledger.h"
#include "testing/temporary_directory.h"

namespace sightline::testing {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMiB = 1U << 20U;
constexpr std::size_t kSenders = 3;
constexpr std::size_t kNoiseBytes = 2'000;  // an event
constexpr std::uint64_t kRefusals = 20;     // of a full disk, before there is space again
constexpr std::uint64_t kPatience = 3'000;  // refusals in a row, with a pause each, once there is space again

std::uint32_t number_from_environment(const char* name, std::uint32_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : static_cast<std::uint32_t>(std::strtoul(text, nullptr, 10));
}

// Another program's file. Takes space to the last byte that there is.
class OtherFile {
 public:
  explicit OtherFile(const fs::path& path)
      : path_(path), descriptor_(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)) {}
  ~OtherFile() {
    ::close(descriptor_);
    fs::remove(path_);
  }
  OtherFile(const OtherFile&) = delete;
  OtherFile& operator=(const OtherFile&) = delete;

  void leave_free(std::uintmax_t bytes) {
    const std::uintmax_t available = fs::space(path_).available;
    if (available > bytes) take(available - bytes);
  }
  void take(std::uintmax_t bytes) {
    const std::string block(64UL << 10U, 'x');
    for (std::uintmax_t taken = 0; taken < bytes; taken += block.size()) {
      if (::write(descriptor_, block.data(), block.size()) <= 0) return;
    }
  }
  void take_all() { take(UINTMAX_MAX / 2); }
  void give_back(std::uintmax_t bytes) const {
    const std::uintmax_t size = fs::file_size(path_);
    fs::resize_file(path_, size - std::min(size, bytes));
  }

 private:
  fs::path path_;
  int descriptor_;
};

class FullDiskRounds : public ::testing::Test {
 protected:
  FullDiskRounds()
      : seed_(number_from_environment("SIGHTLINE_DISK_SEED", 1)),
        random_(seed_),
        ledger_(kSenders, {.seed = seed_, .noise_bytes = kNoiseBytes, .repairs = true}) {}
  void SetUp() override {
    fs::create_directories(disk());
    if (::mount("tmpfs", disk().c_str(), "tmpfs", 0, "size=300m,mode=0700") != 0) {
      GTEST_SKIP() << "mounting a file system is not allowed here";
    }
    mounted_ = true;
  }
  void TearDown() override {
    if (mounted_) {
      EXPECT_EQ(::umount(disk().c_str()), 0);
    }
  }

  fs::path disk() const { return directory_.path() / "disk"; }
  fs::path data() const { return disk() / "data"; }
  std::uint32_t below(std::uint32_t bound) { return random_() % bound; }
  void pause(std::uint32_t at_most_ms) { ::poll(nullptr, 0, static_cast<int>(below(at_most_ms))); }

  // Sends while the disk gets full and on until there were enough acknowledgements after it had space again. What was
  // wrong with the answers, also where it did not go on.
  std::string fill(const ServerProcess& server, bool by_another, std::uint64_t patience = kPatience) {
    std::atomic<bool> full{true};
    std::atomic<std::uint64_t> acknowledged{0};
    std::atomic<std::uint64_t> refused{0};
    const auto answered = [&](const Answer& answer) {
      if (full) return true;
      if (answer.status != 200) return ++refused < patience;
      refused = 0;
      return ++acknowledged <= 3 * kSenders;
    };
    const auto meanwhile = [&](const std::atomic<std::size_t>& running) {
      OtherFile other(disk() / "other");
      by_another ? take_at_any_moment(other) : leave_little(other, running);
      other.give_back(UINTMAX_MAX);
      full = false;
    };
    std::string problems = ledger_.send(server, UINT64_MAX, answered, meanwhile);
    if (refused >= patience) problems += "it does not go on\n";
    return problems;
  }
  void take_at_any_moment(OtherFile& other) {
    for (int i = 0; i < 3; ++i) {
      pause(700);
      other.take_all();
      pause(300);
      other.give_back(below(20) * kMiB);
    }
  }
  // What is left the senders fill.
  void leave_little(OtherFile& other, const std::atomic<std::size_t>& running) {
    const std::uint64_t before = ledger_.refused_full();
    other.leave_free((2 + below(6)) * kMiB + below(kMiB));
    while (ledger_.refused_full() < before + kRefusals && running == kSenders) pause(20);
  }

  std::uint32_t seed_;
  std::mt19937 random_;
  TemporaryDirectory directory_;
  Ledger ledger_;
  bool mounted_ = false;
};

TEST_F(FullDiskRounds, NothingAcknowledgedIsLostOrDoubledAndItGoesOnByItself) {
  const std::uint32_t rounds = number_from_environment("SIGHTLINE_DISK_ROUNDS", 4);
  for (std::uint32_t round = 0; round < rounds && !HasFailure(); ++round) {
    // With 1 MiB to keep free the engine itself meets the end of the disk; 64 is what the server has by default.
    const char* keep_free = below(3) == 0 ? "64" : "1";
    ServerProcess server(data(), {"--rules", SIGHTLINE_LEDGER_RULES, "--keep-free-mib", keep_free});
    for (const bool by_another : {true, false}) EXPECT_EQ(fill(server, by_another), "") << "round " << round;
    EXPECT_FALSE(ledger_.waits());
    EXPECT_EQ(differences(ledger_.events(), shown_events(server)), "") << "round " << round;
    EXPECT_EQ(server.stop(), 0);
    EXPECT_EQ(differences(ledger_.alerts(), stored_alerts(data())), "") << "round " << round;
    const Outcome verified = verify_data(data());
    EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
  }
  EXPECT_GT(ledger_.refused_full(), 0U);
  std::cout << fmt::format("{} rounds, seed {}: {} events, {} alerts, {} batches sent again, {} answers 507\n", rounds,
                           seed_, ledger_.events().size(), ledger_.alerts().size(), ledger_.repeated(),
                           ledger_.refused_full());
}

// The same with a file system that says of a failed write that all is well: the comparison must see that.
TEST_F(FullDiskRounds, WritesThatFailUnnoticedAreFound) {
  const std::vector<std::string> lies{"LD_PRELOAD=" SIGHTLINE_FILE_FAULTS, "SIGHTLINE_FAULTS=lie",
                                      "SIGHTLINE_FAULTS_SWITCH=/",
                                      "SIGHTLINE_FAULTS_UNDER=" + (data() / "events").string()};
  std::string found;
  for (int attempt = 0; attempt < 20 && found.empty(); ++attempt) {
    ServerProcess server(data(), {"--rules", SIGHTLINE_LEDGER_RULES, "--keep-free-mib", "1"}, lies);
    found = fill(server, true, kPatience / 10) + differences(ledger_.events(), shown_events(server));
    server.kill();
  }
  std::cout << found.substr(0, 300) << '\n';
  EXPECT_NE(found, "");
}

}  // namespace
}  // namespace sightline::testing
