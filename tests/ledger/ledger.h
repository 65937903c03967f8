// What senders got acknowledged, beside what a server shows.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "harness/program.h"
#include "ledger/senders.h"

namespace sightline::testing {

// How often each marker occurs.
using Counts = std::map<std::string, int>;

// Several senders and what they remember.
class Ledger {
 public:
  // Each sender has a seed of its own, made from that of the options.
  Ledger(std::size_t senders, const SenderOptions& options);

  // All senders at once, each in a thread, until the server is gone, each had `batches` more acknowledged, or
  // `answered`, called from any of these threads with every answer, says to stop. `meanwhile` runs beside
  // them in the caller's and is told how many still run. Returns what the server answered where it must not have, one
  // line a sender.
  std::string send(const ServerProcess& server, std::uint64_t batches, const Answered& answered,
                   const std::function<void(const std::atomic<std::size_t>& running)>& meanwhile);
  std::string send(const ServerProcess& server, std::uint64_t batches);

  Counts events() const;
  Counts alerts() const;
  // A batch was sent and not acknowledged.
  bool waits() const;
  std::uint64_t repeated() const;
  std::uint64_t refused_full() const;

 private:
  std::vector<Sender> senders_;
};

// What is missing, doubled or more than was acknowledged, the first few by name; empty where nothing is.
std::string differences(const Counts& acknowledged, const Counts& shown);

// What a search shows, page by page. Where it fails: one entry with the answer, so that it equals no ledger.
Counts shown_events(const ServerProcess& server);
// The alerts' titles are the markers of their events.
Counts stored_alerts(const std::filesystem::path& data);

Outcome verify_data(const std::filesystem::path& data);

}  // namespace sightline::testing
