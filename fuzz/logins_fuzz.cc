// Any bytes as a message of any program: what is said to stand in the message does, and where a reading is doubtful no
// value is given beside the doubt.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "sources/logins/login_message.h"

namespace {

using namespace sightline::logins;

void require(bool holds) {
  if (!holds) std::abort();
}

void check(std::string_view program, std::string_view message) {
  const LoginFacts facts = read_login_message(program, message);
  for (const std::string_view part : {facts.source.ip, facts.destination.ip, facts.remote_host, facts.cwd,
                                      facts.arguments, facts.session, facts.tty, facts.key.certificate_id}) {
    require(message.contains(part));
  }
  const auto doubtful = [&](std::string_view name) {
    return std::ranges::find(facts.ambiguous, name) != facts.ambiguous.end();
  };
  require(!facts.source.port || !facts.source.ip.empty());
  require(!doubtful("src_ip") || facts.source.ip.empty());
  require(!doubtful("target_user") || !facts.target_user);
  require(!doubtful("arguments") || facts.arguments.empty());
  require(!doubtful("tty") || facts.tty.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view message(reinterpret_cast<const char*>(data), size);
  for (const std::string_view program : {"sshd", "sudo", "su", "systemd-logind", "login(pam_unix)", "app"}) {
    check(program, message);
  }
  return 0;
}
