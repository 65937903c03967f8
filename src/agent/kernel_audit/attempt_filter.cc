#include "agent/kernel_audit/attempt_filter.h"

#include <algorithm>
#include <array>

namespace sightline::agent {
namespace {

// Parts of paths under which credentials lie.
constexpr std::array<std::string_view, 21> kCredentials = {
    "credentials", "/.aws/",  "/.azure/", "gcloud",   "/.kube/",     "/.docker/",     ".netrc",
    ".pgpass",     ".my.cnf", "/.ssh/",   "id_rsa",   "id_ed25519",  "id_ecdsa",      "/etc/shadow",
    ".keytab",     ".npmrc",  ".pypirc",  "/.gnupg/", "vault-token", "/run/secrets/", ".terraform",
};

// Names in the PATH records. One that is not in quotes is written in hexadecimal, because of bytes that somebody put
// there to make it hard to read.
bool is_remarkable(std::string_view lines) {
  constexpr std::string_view kName = " name=";
  for (std::size_t at = 0; (at = lines.find(kName, at)) != std::string_view::npos;) {
    at += kName.size();
    const std::string_view rest = lines.substr(at);
    if (rest.starts_with("(null)")) continue;
    if (!rest.starts_with('"')) return true;
    const std::string_view name = rest.substr(1, rest.find('"', 1) - 1);
    if (std::ranges::any_of(kCredentials, [&](auto part) { return name.find(part) != std::string_view::npos; })) {
      return true;
    }
  }
  return false;
}

}  // namespace

AttemptFilter::Verdict AttemptFilter::judge(std::string_view lines, std::int64_t now_ms) {
  if (lines.find(kAbsentKey) == std::string_view::npos) return Verdict::keep;
  if (!is_remarkable(lines)) return Verdict::unremarkable;
  constexpr std::int64_t kMsPerAttempt = 1000;
  const std::int64_t earned = (now_ms - refilled_ms_) / kMsPerAttempt;
  if (earned > 0) {
    left_ = std::min(kBurst, left_ + earned);
    refilled_ms_ = now_ms;
  }
  if (left_ == 0) return Verdict::over_budget;
  --left_;
  return Verdict::keep;
}

}  // namespace sightline::agent
