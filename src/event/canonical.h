// The byte form of an event that is hashed and compared.
#pragma once

#include <string>

#include "event/event.h"

namespace sightline {

// Appends all an event has: id, times, fields, attributes and original. Two events have the same form exactly if they
// hold the same values, whatever the order of different fields and paths; the order within a list counts. Every part is
// framed by its length, so concatenated forms stay unambiguous. Stable across versions: fields are named, not numbered.
//
//   event      version (1 byte, 1) id (16 bytes) event_time received_time (8 bytes each)
//              count field* count attribute* text(original)
//   field      text(name) 'i' value (8 bytes)  |  text(name) 't' text(value)
//   attribute  text(path) 'n' text(decimal)    |  text(path) 't' text(value)
//   text       length, then the bytes
// Numbers of fixed size are little-endian; counts and lengths are LEB128. Fields and attributes are sorted by the
// length of their name, then bytewise.
void append_canonical(std::string& out, const Event& event);

}  // namespace sightline
