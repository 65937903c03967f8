// The JSON form of an event: what the API answers, `sightline decode` prints and a webhook carries.
#pragma once

#include <string>

#include "event/event.h"

namespace sightline {

struct JsonOptions {
  bool original = true;  // with the original bytes
};

// Appends one flat JSON object on one line, without a newline at the end. Keys, in this order:
//   "id"             32 hexadecimal digits; left out while it is not set
//   "event_time"     milliseconds
//   "received_time"  milliseconds; left out while it is not set
//   fields           in schema order, by name: integers as numbers, booleans as true and false, texts as strings.
//                    List fields are always arrays; other fields are arrays where they have several values.
//   attributes       by dotted path, paths sorted bytewise: numbers with all their digits, texts as strings, a path
//                    with several values as an array. An attribute named like a field joins the field's values;
//                    one named like another key of this list gets "original_" in front.
//   "original"       a string, if the bytes are valid UTF-8; otherwise "original_base64"
// Invalid UTF-8 elsewhere becomes U+FFFD; the original keeps the bytes. The output is always valid JSON in UTF-8.
void append_json(std::string& out, const Event& event, JsonOptions options = {});

}  // namespace sightline
