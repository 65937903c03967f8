// sudo's line:
//
//   USER : [REASON ; ]TTY=T ; PWD=DIRECTORY ; USER=TARGET[ ; GROUP=G][ ; TSID=ID][ ; ENV=…] ; COMMAND=PATH ARGUMENTS
//
// The user chooses DIRECTORY, ENV and COMMAND. A directory may be named "x ; USER=root ; COMMAND=/bin/id", and a
// command may have that as an argument: where two readings are left, none is taken.
#include <algorithm>

#include "sources/logins/readers.h"
#include "sources/logins/text.h"

namespace sightline::logins {
namespace {

struct Request {
  std::string_view cwd;
  std::string_view target_user;
  std::string_view arguments;
};

// `text` behind "USER=".
bool read_target(std::string_view text, Request& request) {
  const auto user = take_until(text, " ; ");
  if (!user || !is_word(*user)) return false;
  request.target_user = *user;
  if (take_front(text, "COMMAND=")) {
    request.arguments = text;
    return true;
  }
  if (!text.starts_with("GROUP=") && !text.starts_with("TSID=") && !text.starts_with("ENV=")) return false;
  if (!take_until(text, " ; COMMAND=")) return false;
  if (text.find(" ; COMMAND=") == std::string_view::npos) request.arguments = text;  // else ENV's or the command's
  return true;
}

// How many ways there are to read `text`, which starts behind "PWD="; one of them is in `request`.
int count_readings(std::string_view text, Request& request) {
  constexpr std::string_view kUser = " ; USER=";
  int readings = 0;
  for (std::size_t place = text.find(kUser); place != std::string_view::npos && readings < 2;
       place = text.find(kUser, place + 1)) {
    Request candidate{.cwd = text.substr(0, place), .target_user = {}, .arguments = {}};
    if (!read_target(text.substr(place + kUser.size()), candidate)) continue;
    ++readings;
    request = candidate;
  }
  return readings;
}

void read_reason(std::string_view reason, LoginFacts& facts) {
  facts.reason = reason;
  facts.success = reason.empty();
  facts.type = reason.empty() ? "command" : "command_failed";
  if (reason.empty()) {
    facts.result = "accepted";
  } else if (reason.starts_with("user NOT in sudoers")) {
    facts.result = "not in sudoers";
  } else if (reason.ends_with(" incorrect password attempts") || reason.ends_with(" incorrect password attempt")) {
    facts.result = "incorrect password";
    facts.repeated = parse_number(reason.substr(0, reason.find(' '))).value_or(0);
  } else if (reason.ends_with("not allowed") || reason.starts_with("user NOT authorized")) {
    facts.result = "not allowed";
  } else {
    facts.result = "failed";
  }
}

}  // namespace

bool read_sudo(std::string_view text, LoginFacts& facts) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  const auto user = take_until(text, " : ");
  if (!user) return false;
  if (take_front(text, "(command continued) ")) {
    facts.user = *user;
    facts.type = "command";
    facts.reason = "command continued";
    facts.arguments = text;
    return true;
  }
  std::string_view reason;
  if (!text.starts_with("TTY=") && !text.starts_with("HOST=")) {
    const auto found = take_until(text, " ; ");
    if (!found) return false;
    reason = *found;
  }
  if (take_front(text, "HOST=") && !take_until(text, " ; ")) return false;
  if (!take_front(text, "TTY=")) return false;
  const auto tty = take_until(text, " ; ");
  if (!tty) return false;
  facts.user = *user;
  read_reason(reason, facts);
  // A reason may end in a name that was typed: "unknown user: x ; TTY=tty1 ; …".
  if (text.contains(" ; TTY=")) {
    facts.ambiguous = {"tty", "target_user", "cwd", "arguments"};
    return true;
  }
  facts.tty = *tty;
  Request request;
  if (!take_front(text, "PWD=")) text = {};  // CHROOT= comes first, and is typed too
  if (count_readings(text, request) != 1) {
    facts.ambiguous = {"target_user", "cwd", "arguments"};
    return true;
  }
  facts.cwd = request.cwd;
  facts.target_user = request.target_user;
  facts.arguments = request.arguments;
  if (request.arguments.empty()) facts.ambiguous = {"arguments"};
  return true;
}

}  // namespace sightline::logins
