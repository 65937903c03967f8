// What to do with a replay, as shell scripts a newcomer can read and change.
#pragma once

#include <filesystem>
#include <string>

#include "base/error.h"
#include "replay/answers.h"

namespace sightline::replay {

// One `sightline ingest` a file.
std::string ingest_script(const ReplayContents& contents, const std::filesystem::path& folder);
// One `sightline search` a query of the investigation, and the alerts.
std::string questions_script(const ReplayContents& contents);

// Writes both as ingest.sh and questions.sh into the folder. Errors: unavailable.
Result<void> write_scripts(const ReplayContents& contents, const std::filesystem::path& folder);

}  // namespace sightline::replay
