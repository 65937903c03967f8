// A spool in a folder of the test's own, and batches to put in.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "agent/spool/spool.h"
#include "testing/temporary_directory.h"

namespace sightline::agent {

inline void PrintTo(const Batch& batch, std::ostream* out) {
  *out << fmt::format("{} {} {} events, {} bytes", batch.source, batch.cursor, batch.events, batch.body.size());
}

inline std::string read_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline void write_bytes(const std::filesystem::path& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
}

class SpoolFixture : public ::testing::Test {
 protected:
  std::filesystem::path folder() const { return directory_.path() / "spool"; }
  Spool::Options options() const { return {folder(), max_bytes_, segment_bytes_, 0}; }
  std::unique_ptr<Spool> open() const {
    auto spool = Spool::open(options());
    EXPECT_TRUE(spool) << spool.error().message;
    return spool ? std::move(*spool) : nullptr;
  }

  // The batch that is appended as `number`.
  static Batch batch(std::uint64_t number, std::size_t body_bytes = 100) {
    Batch batch;
    batch.source = number % 3 == 0 ? "journald" : "audit";
    batch.format = batch.source == "audit" ? "auditd" : "journald";
    batch.events = number;
    batch.first_ms = -static_cast<std::int64_t>(number);
    batch.last_ms = static_cast<std::int64_t>(number) << 33U;
    batch.cursor = fmt::format("after {}", number);
    batch.body = fmt::format("body {} ", number);
    while (batch.body.size() < body_bytes) batch.body += static_cast<char>(batch.body.size() * number);
    return batch;
  }
  static void append(Spool& spool, std::uint64_t first, std::uint64_t last, std::size_t body_bytes = 100) {
    for (std::uint64_t number = first; number <= last; ++number) {
      const auto sequence = spool.append(batch(number, body_bytes));
      ASSERT_TRUE(sequence) << sequence.error().message;
      ASSERT_EQ(*sequence, number);
    }
  }
  // Everything that waits, acknowledged one by one.
  static std::vector<StoredBatch> drain(Spool& spool) {
    std::vector<StoredBatch> drained;
    while (true) {
      auto oldest = spool.oldest();
      EXPECT_TRUE(oldest) << oldest.error().message;
      if (!oldest || !*oldest) return drained;
      const auto acknowledged = spool.acknowledge((*oldest)->sequence);
      EXPECT_TRUE(acknowledged) << acknowledged.error().message;
      drained.push_back(std::move(**oldest));
    }
  }
  static std::vector<std::uint64_t> sequences(const std::vector<StoredBatch>& batches) {
    std::vector<std::uint64_t> numbers;
    for (const StoredBatch& stored : batches) numbers.push_back(stored.sequence);
    return numbers;
  }
  static std::vector<std::uint64_t> from_to(std::uint64_t first, std::uint64_t last) {
    std::vector<std::uint64_t> numbers;
    for (std::uint64_t number = first; number <= last; ++number) numbers.push_back(number);
    return numbers;
  }
  // They are what was appended under their sequences.
  static void expect_whole(const std::vector<StoredBatch>& batches, std::size_t body_bytes = 100) {
    for (const StoredBatch& stored : batches) EXPECT_EQ(stored.batch, batch(stored.sequence, body_bytes));
  }
  // The sequences that these entries say are missing.
  static std::vector<std::uint64_t> missing(const std::vector<Damage>& damage) {
    std::vector<std::uint64_t> numbers;
    for (const Damage& entry : damage) {
      for (std::uint64_t number = entry.first_sequence; number != 0 && number <= entry.last_sequence; ++number) {
        numbers.push_back(number);
      }
    }
    return numbers;
  }
  // In order.
  std::vector<std::filesystem::path> segments() const {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder())) {
      if (entry.path().extension() == ".segment") files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
  }

  std::uint64_t max_bytes_ = 1ULL << 30U;
  std::uint64_t segment_bytes_ = 8ULL << 20U;

 private:
  testing::TemporaryDirectory directory_;
};

}  // namespace sightline::agent
