#include "sources/logins/login_message.h"

#include "sources/logins/readers.h"
#include "sources/logins/text.h"

namespace sightline::logins {
namespace {

std::string_view base_name(std::string_view program) {
  const std::size_t slash = program.rfind('/');
  return slash == std::string_view::npos ? program : program.substr(slash + 1);
}

std::string_view service_of(std::string_view program) {
  program = base_name(program);
  if (program == "sshd-session" || program == "sshd-auth") return "sshd";
  return program;
}

// "message repeated 5 times: [ MESSAGE]", which rsyslog writes in place of the same message again: takes the frame off.
void take_repetition(std::string_view& message, LoginFacts& facts) {
  std::string_view text = message;
  if (!take_front(text, "message repeated ")) return;
  const auto count = take_until(text, " times: [ ");
  if (!count || !parse_number(*count) || !take_back(text, "]")) return;
  facts.repeated = *parse_number(*count);
  message = text;
}

bool read(std::string_view message, LoginFacts& facts) {
  if (facts.service == "sshd") return read_sshd(message, facts);
  if (facts.service == "sudo") return read_sudo(message, facts);
  if (facts.service == "su") return read_su(message, facts);
  if (facts.service == "systemd-logind") return read_logind(message, facts);
  return false;
}

}  // namespace

LoginFacts read_login_message(std::string_view program, std::string_view message) {
  LoginFacts facts;
  take_repetition(message, facts);
  if (std::string_view old = program; take_back(old, "(pam_unix)")) {  // before Linux-PAM 0.99
    facts.pam_module = "pam_unix";
    facts.service = service_of(old);
    read_pam_message(message, facts);
    return facts;
  }
  facts.service = service_of(program);
  if (message.starts_with("pam_")) {
    read_pam(message, facts);
  } else {
    read(message, facts);
  }
  return facts;
}

}  // namespace sightline::logins
