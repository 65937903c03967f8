// Whether a journal entry comes from the program that it says it comes from.
#pragma once

#include <string_view>

namespace sightline::journald {

// Any local user may write entries under any identifier. What journald itself noted about the sender cannot be forged:
// his executable and user id (empty: not noted, as the process was gone already). True where the entry may be one of a
// program that reports logins: root wrote it, or one of these programs where the system has it, or nothing is noted.
bool may_report_logins(std::string_view executable, std::string_view uid);

}  // namespace sightline::journald
