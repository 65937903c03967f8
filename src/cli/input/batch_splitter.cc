#include "cli/input/batch_splitter.h"

#include "cli/input/journal_splitter.h"
#include "cli/input/json_splitter.h"
#include "cli/input/line_splitter.h"

namespace sightline::cli {

std::unique_ptr<BatchSplitter> make_splitter(sources::Format format, std::size_t max_bytes) {
  switch (format) {
    case sources::Format::cloudtrail:
      return std::make_unique<JsonSplitter>(max_bytes, "Records");
    case sources::Format::kubernetes:
      return std::make_unique<JsonSplitter>(max_bytes, "items");
    case sources::Format::winevent:
      return std::make_unique<JsonSplitter>(max_bytes, "Events");
    case sources::Format::auditd:
      return std::make_unique<LineSplitter>(max_bytes, true);
    case sources::Format::journald:
      return std::make_unique<JournalSplitter>(max_bytes);
    case sources::Format::laurel:
    case sources::Format::ndjson:
    case sources::Format::syslog:
      break;
  }
  return std::make_unique<LineSplitter>(max_bytes, false);
}

}  // namespace sightline::cli
