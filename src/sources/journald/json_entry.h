// One entry as `journalctl -o json` writes it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "sources/journald/entry.h"

namespace sightline::journald {

// Strings are values; arrays of numbers are the bytes of one value that is no text; other arrays are a field that
// occurs several times; null is a value too big to be shown, whose name is added to `omitted`. Not thread-safe.
class JsonEntryReader {
 public:
  JsonEntryReader();
  ~JsonEntryReader();

  // Appends the fields. Names and values live in `arena`. Returns what is wrong, or nullopt.
  std::optional<std::string> read(std::string_view object, Arena& arena, Entry& entry,
                                  std::vector<std::string_view>& omitted);

 private:
  class Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace sightline::journald
