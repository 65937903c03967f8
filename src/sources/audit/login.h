// Fields of programs' own messages: logins, sessions, credentials, accounts.
#pragma once

#include "sources/audit/state.h"

namespace sightline::audit {

// service, method, tty, target_user. `record` is the message.
void finish_message(const Record& record, EventState& state);

// Before mapping: old LOGIN records say `old auid=… new auid=…`; the first becomes old-auid.
void rename_old_login_fields(std::span<Field> fields);

}  // namespace sightline::audit
