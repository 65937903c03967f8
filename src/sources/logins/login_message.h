// Which reader understands a program's messages.
#pragma once

#include <string_view>

#include "sources/logins/login_facts.h"

namespace sightline::logins {

// Reads one message of `program`, as its tag in the log names it (sshd, /usr/sbin/sshd, sshd-session, sshd(pam_unix),
// su, …). Facts that hold for any message (the service) are given also where the message is none about a login.
// docs/sources/syslog.md lists what is understood.
//
// Names, host names and reasons in these messages come from whoever knocks at the door. Each reader starts from the end
// of the message that its program alone writes; where more than one reading remains, the fields in question stay empty
// and are named in `ambiguous`.
LoginFacts read_login_message(std::string_view program, std::string_view message);

}  // namespace sightline::logins
