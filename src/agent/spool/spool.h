// Batches between collecting and delivering, in a folder: they survive the process, the machine's power, a full disk
// and, but for what is damaged itself, a damaged one. What is missing is told. See docs/decisions/0100-spool.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/spool/batch.h"
#include "base/error.h"

namespace sightline::agent {

struct StoredBatch {
  std::uint64_t sequence = 0;
  Batch batch;
};

// Something of the spool that is not as it was written.
struct Damage {
  std::filesystem::path file;  // or the folder, where a whole segment is missing
  std::uint64_t offset = 0;    // in it, about
  std::string what;
  // The batches that are missing for it, or may be: what was not acknowledged and cannot be read. 0 and 0: none.
  std::uint64_t first_sequence = 0;
  std::uint64_t last_sequence = 0;
  // Of these batches, where that could still be read.
  std::uint64_t events = 0;
  std::string source;
};

// Thread-safe: one thread appends while another delivers. A call waits for the other's work on the disk.
class Spool {
 public:
  struct Options {
    std::filesystem::path directory;              // made where there is none; its parent must be there
    std::uint64_t max_bytes = 1ULL << 30U;        // of all its segments
    std::uint64_t segment_bytes = 8ULL << 20U;    // at most an eighth of max_bytes is taken
    std::uint64_t min_free_bytes = 64ULL << 20U;  // of the file system, below which nothing is appended
  };

  // Errors: conflict (another process has it open, or another version of this program wrote it); unavailable. Damage is
  // no error: what is whole is there, and take_damage() says what is not.
  static Result<std::unique_ptr<Spool>> open(Options options);
  ~Spool();
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  // Of this folder: together with it a sequence names a batch for good. A new folder has another.
  std::uint64_t epoch() const;

  // The batch is durable when its sequence is returned; otherwise it is not in the spool. Sequences count up by one
  // over all sources, from 1; only damage leaves numbers out.
  // Errors: busy (the cap is reached; an acknowledgement makes room); too_large (a body over its limit, or a batch over
  // the cap); invalid_input (another limit of batch.h); unavailable (the disk is full or fails).
  Result<std::uint64_t> append(const Batch& batch);

  // The one to send next: the same until it is acknowledged. Nothing: all was acknowledged. Errors: unavailable.
  Result<std::optional<StoredBatch>> oldest();

  // That batch and all before it were delivered. Segments that have no other go. Not durable at once: what is forgotten
  // when the power fails is sent again. Errors: invalid_input (there is no such batch yet); unavailable (it counts, but
  // the disk could not be told, or files could not be removed: the next call tries again).
  Result<void> acknowledge(std::uint64_t sequence);

  // Of the source's newest batch, delivered or not. Empty: there was none.
  std::string cursor(std::string_view source) const;

  // What was found since it was last asked for, at opening or since: the batches of an entry are missing once oldest()
  // has gone past them, never later than that. Opening the spool again tells of the same batches again until a batch
  // behind them is acknowledged.
  std::vector<Damage> take_damage();

  struct Stats {
    std::uint64_t batches = 0;   // that wait; damaged ones until they are come to
    std::uint64_t events = 0;    // in them
    std::uint64_t bytes = 0;     // of all segments
    std::uint64_t segments = 0;  // one stays when nothing waits
  };
  Stats stats() const;

 private:
  class Implementation;
  explicit Spool(std::unique_ptr<Implementation> implementation);

  std::unique_ptr<Implementation> implementation_;
};

}  // namespace sightline::agent
