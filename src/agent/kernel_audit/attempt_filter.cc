#include "agent/kernel_audit/attempt_filter.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

namespace sightline::agent {
namespace {

// Parts of paths under which credentials lie.
constexpr std::array<std::string_view, 21> kCredentials = {
    "credentials", "/.aws/",  "/.azure/", "gcloud",   "/.kube/",     "/.docker/",     ".netrc",
    ".pgpass",     ".my.cnf", "/.ssh/",   "id_rsa",   "id_ed25519",  "id_ecdsa",      "/etc/shadow",
    ".keytab",     ".npmrc",  ".pypirc",  "/.gnupg/", "vault-token", "/run/secrets/", ".terraform",
};

// The line of that type, without its end; "" where there is none.
std::string_view line_of(std::string_view lines, std::string_view type) {
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find('\n'));
    if (line.starts_with(type)) return line;
    lines.remove_prefix(std::min(line.size() + 1, lines.size()));
  }
  return {};
}

// Only the kernel writes SYSCALL records, and what a program can put into one stands there in hexadecimal if it has a
// blank or a quote, so the key cannot be imitated.
bool has_absent_key(std::string_view lines) {
  constexpr std::string_view kKey = " key=\"sightline-absent\"";
  static_assert(kKey.contains(AttemptFilter::kAbsentKey));
  return line_of(lines, "type=SYSCALL ").contains(kKey);
}

bool is_of_credentials(std::string_view path) {
  return std::ranges::any_of(kCredentials, [&](auto part) { return path.contains(part); });
}

// The value of the first such field behind `at`, which is moved behind it; nullopt: there is none more. A value that is
// not in quotes is written in hexadecimal, because of bytes that somebody put there to make it hard to read.
struct Value {
  std::string_view text;
  bool quoted = false;
};
std::optional<Value> next_value(std::string_view lines, std::string_view field, std::size_t& at) {
  at = lines.find(field, at);
  if (at == std::string_view::npos) return std::nullopt;
  at += field.size();
  const std::string_view rest = lines.substr(at);
  if (rest.starts_with('"')) return Value{rest.substr(1, rest.find('"', 1) - 1), true};
  return Value{rest.substr(0, rest.find_first_of(" \n")), false};
}

// Whether a name in the PATH records may be one of credentials; a relative one counts from the working directory.
bool is_remarkable(std::string_view lines) {
  std::size_t cwd_at = 0;
  const std::optional<Value> cwd = next_value(lines, " cwd=", cwd_at);
  for (std::size_t at = 0;;) {
    const std::optional<Value> name = next_value(lines, " name=", at);
    if (!name) return false;
    if (name->text == "(null)") continue;
    if (!name->quoted) return true;
    if (name->text.starts_with('/')) {
      if (is_of_credentials(name->text)) return true;
    } else if (!cwd || !cwd->quoted || is_of_credentials(std::string(cwd->text).append("/").append(name->text))) {
      return true;
    }
  }
}

}  // namespace

AttemptFilter::Verdict AttemptFilter::judge(std::string_view lines, std::int64_t now_ms) {
  if (!has_absent_key(lines)) return Verdict::keep;
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
