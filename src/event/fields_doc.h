// The reference page of the event schema.
#pragma once

#include <string>

namespace sightline {

// docs/fields.md: every field and alias, from the schema itself.
std::string fields_markdown();

}  // namespace sightline
