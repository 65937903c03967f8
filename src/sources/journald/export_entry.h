// One entry in journald's export format.
#pragma once

#include <cstddef>
#include <expected>
#include <string_view>

#include "sources/journald/entry.h"

namespace sightline::journald {

struct ExportError {
  std::size_t offset = 0;     // from the start of the entry
  const char* expected = "";  // what should have stood there
};

// `bytes` without the empty line behind it. Fields that came whole before a place where the bytes end too early or are
// wrong are in `entry` all the same.
std::expected<void, ExportError> parse_export_entry(std::string_view bytes, Entry& entry);

}  // namespace sightline::journald
