// From sources into the spool: events become batches, what was lost becomes events of its own.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/collect/batch_builder.h"
#include "agent/collect/source.h"
#include "agent/loss/ledger.h"
#include "agent/spool/spool.h"
#include "base/clock.h"
#include "base/log.h"

namespace sightline::agent {

// A batch goes into the spool when it is full, and kMaxAgeMs after its first event at the latest. Where the spool does
// not take it (its cap, its disk), a source that can wait waits; what others had is lost and counted: what was recorded
// first is kept. A cursor that moved without events gets a batch without events. Used by one thread.
class Recorder {
 public:
  static constexpr std::int64_t kMaxAgeMs = 1000;
  // The source of what the agent itself tells: of losses, of its beginning and end.
  static constexpr std::string_view kOwnSource = "agent";

  // All outlive it. `stored` is called whenever the spool has something new.
  Recorder(Spool& spool, LossLedger& ledger, const Clock& clock, Log& log, std::function<void()> stored);
  ~Recorder();
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  // Where the events of `source` go, which outlives this.
  Collected& of(const Source& source);
  // Whether the source is to wait with more.
  bool is_held(const Source& source) const;

  // One event of the agent's own, a line of NDJSON, written with the next write_due(); kept until the spool takes it.
  void tell(std::string line);

  // Writes what is full or old enough; with `all`, everything.
  void write_due(bool all);

  // When something is due by the clock, in milliseconds from now; nullopt: nothing is.
  std::optional<std::int64_t> due_in_ms() const;

 private:
  class Stream;

  void write(Stream& stream);
  void write_own(bool all);
  std::optional<std::int64_t> own_due_in_ms(std::int64_t now_ms) const;
  Result<void> append(const Batch& batch);
  // When the spool is to be tried again; 0: now.
  std::int64_t retry_in_ms(std::int64_t now_ms) const;

  Spool& spool_;
  LossLedger& ledger_;
  const Clock& clock_;
  Log& log_;
  std::function<void()> stored_;
  std::map<std::string, std::unique_ptr<Stream>, std::less<>> streams_;
  std::vector<std::string> own_;
  bool failing_ = false;         // the spool refused the last batch
  std::int64_t refused_ms_ = 0;  // when
  bool own_refused_ = false;     // the last of own_ and the ledger
  std::int64_t own_tried_ms_ = 0;
};

}  // namespace sightline::agent
