// The search for the first deliveries of CloudTrail events in the store.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "base/error.h"
#include "event/event.h"
#include "store/event_store.h"

namespace sightline::server {

// First deliveries by recipientAccountId and eventID.
class StoredFirsts {
 public:
  void add(const Event& event);
  // The stored first delivery of this event.
  std::optional<EventId> find(const Event& event) const;

 private:
  std::map<std::pair<std::string, std::string>, EventId> ids_;
};

// Looks in the store for first deliveries of these events, in portions that are narrow in event_time.
// Errors: those of EventStore::search.
Result<StoredFirsts> find_stored_firsts(store::EventStore& store, std::span<const Event* const> events);

}  // namespace sightline::server
