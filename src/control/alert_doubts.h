// Whether batches and audit log account for the alerts there are. Private to this folder.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "control/alert_table.h"
#include "control/database.h"

namespace sightline::control {

// Actions of the audit log.
inline constexpr std::string_view kDismissAction = "alert.dismiss";
inline constexpr std::string_view kReopenAction = "alert.reopen";

// What the audit log says of a dismissal: "OTHER: a drill", "MAINTENANCE".
std::string dismissal_detail(alerts::DismissReason reason, std::string_view text);

std::vector<AlertDoubt> find_alert_doubts(SQLite::Database& connection, std::uint32_t limit);

}  // namespace sightline::control
