// What is known about the sender, as fields of its events.
#pragma once

#include "sources/decoder.h"

namespace sightline::sources {

// Not thread-safe.
class ContextFields {
 public:
  explicit ContextFields(DecodeContext context) : context_(std::move(context)) {}

  // Copies the values into the batch's arena. To be called whenever the batch may have changed, before add().
  void start_batch(Arena& arena);

  // Adds agent_id, hostname, instance_id and account_id where they are known and the event does not have them.
  void add(Event& event) const;

 private:
  DecodeContext context_;
  std::string_view agent_id_;
  std::string_view hostname_;
  std::string_view instance_id_;
  std::string_view account_id_;
};

}  // namespace sightline::sources
