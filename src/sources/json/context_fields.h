// What is known about the sender, as fields of its events.
#pragma once

#include <array>

#include "sources/decoder.h"

namespace sightline::sources {

// Not thread-safe.
class ContextFields {
 public:
  // Whom instance_id and account_id of an event describe: the host that sends it, or somebody its record is about.
  enum class Describes : std::uint8_t { sender, others };

  explicit ContextFields(DecodeContext context, Describes describes = Describes::sender);

  // Copies the values into the batch's arena. To be called whenever the batch may have changed, before add().
  void start_batch(Arena& arena);

  // Adds agent_id, hostname, instance_id and account_id where they are known and the event does not have them. Of a
  // bound sender they replace what the event has, and that is kept as an attribute with kClaimedPrefix in front.
  void add(Event& event) const;

 private:
  struct Fact {
    FieldId field;
    std::string text;
    bool wins = false;
    std::string_view claimed_path;  // both in the batch's arena
    std::string_view in_batch;
  };

  std::array<Fact, 4> facts_;
};

}  // namespace sightline::sources
