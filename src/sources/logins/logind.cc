// systemd-logind's lines: "New session 4 of user alice.", "Session 4 logged out. …", "Removed session 4."
#include "sources/logins/readers.h"
#include "sources/logins/text.h"

namespace sightline::logins {
namespace {

bool read_new_session(std::string_view text, LoginFacts& facts) {
  const auto session = take_until(text, " of user ");
  if (!session || !is_word(*session)) return false;
  // Later versions go on: " with class 'user' and type 'tty'."
  const auto end = text.find(" with class ");
  std::string_view user = text.substr(0, end);
  if (end == std::string_view::npos && !take_back(user, ".")) return false;
  facts.session = *session;
  facts.user = user;
  facts.target_user = user;
  facts.type = "session_open";
  facts.success = true;
  return true;
}

bool read_session_end(std::string_view text, std::string_view type, LoginFacts& facts) {
  if (!is_word(text)) return false;
  facts.session = text;
  facts.type = type;
  return true;
}

}  // namespace

bool read_logind(std::string_view text, LoginFacts& facts) {
  if (take_front(text, "New session ")) return read_new_session(text, facts);
  if (take_front(text, "Removed session "))
    return take_back(text, ".") && read_session_end(text, "session_close", facts);
  if (!take_front(text, "Session ")) return false;
  const auto session = take_until(text, " logged out.");
  return session && read_session_end(*session, "logout", facts);
}

}  // namespace sightline::logins
