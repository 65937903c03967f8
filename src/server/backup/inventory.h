// What a backup holds: text, one line an entry, with its own checksum as the last line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/hash.h"

namespace sightline::backup {

struct Entry {
  enum class Kind : std::uint8_t { file, directory, link };
  Kind kind = Kind::file;
  std::string path;  // below the backup's folder: no "..", no empty part, no control character
  // Of files:
  std::uint64_t size = 0;
  std::int64_t modified_ns = 0;  // since 1970
  Sha256Digest digest{};
  // Of links:
  std::string target;  // relative, and inside the backup's folder
};

// The end of a hash chain, as it was noted when the backup was made.
struct NotedHead {
  std::uint64_t number = 0;
  Sha256Digest link{};
};

struct Inventory {
  std::int64_t made_ms = 0;
  std::string program;  // version of the program that made it
  NotedHead head;
  NotedHead audit_head;
  std::vector<Entry> entries;  // directories are listed only where they are empty

  std::uint64_t bytes() const;
  std::uint64_t files() const;
};

// Whether a file of that name may be written below the folder of a restored copy.
bool is_safe_path(std::string_view path);
// Whether a link at `path` to `target` leads to something below the same folder.
bool is_safe_target(std::string_view path, std::string_view target);

std::string to_text(const Inventory& inventory);
// Errors: corrupt, with the line; conflict: of a later version.
Result<Inventory> parse_inventory(std::string_view text);

}  // namespace sightline::backup
