// An entry of the audit log within someone else's transaction. Private to this folder.
#pragma once

#include "control/audit_log.h"
#include "control/database.h"

namespace sightline::control {

// Number and link are set here.
void append_audit_entry(SQLite::Database& connection, AuditEntry entry);

}  // namespace sightline::control
