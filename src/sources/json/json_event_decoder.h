// A decoder of sources whose every event is one JSON object.
#pragma once

#include <memory>
#include <string>

#include "sources/decoder.h"
#include "sources/json/path_table.h"

namespace sightline::sources {

// What distinguishes one such source from the others.
struct JsonSource {
  std::string list_key;  // member of the object around a list of events, e.g. Records
  PathRules rules;
  PathNamer namer = nullptr;                   // of the paths that rules does not name
  std::string embedded_path;                   // of text that is the event's object once more; empty: there is none
  std::string expected;                        // of an object that is no event: "a CloudTrail event with …"
  bool (*is_event)(const Event&);              // by the fields and attributes of the object
  void (*add_derived_fields)(Event&, Arena&);  // the arena is that of the event's batch
};

// Accepts what JsonSplitter accepts. An object that is no event and has an object as text at `embedded_path` (an
// envelope around somebody else's event) is one event with the values of both, those of the inner one first. An event's
// original is its object's bytes as they stood. Objects that are no event are rejected, and so is what is no JSON, each
// with its line, the byte and what was expected there.
std::unique_ptr<Decoder> make_json_event_decoder(JsonSource source, const DecodeContext& context);

}  // namespace sightline::sources
