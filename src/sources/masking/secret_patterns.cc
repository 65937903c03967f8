#include "sources/masking/secret_patterns.h"

#include <fmt/format.h>
#include <re2/re2.h>
#include <re2/set.h>

#include <algorithm>
#include <utility>

namespace sightline::sources {

namespace {

constexpr std::string_view kMaskBegin = "[masked:";

// The engine may keep this much of its automaton, of the set and of each pattern.
constexpr std::int64_t kMemoryBytes = 16 << 20;

RE2::Options options() {
  RE2::Options options(RE2::Latin1);  // any bytes
  options.set_log_errors(false);
  options.set_max_mem(kMemoryBytes);
  return options;
}

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 &&
         std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

// Empty: nothing is wrong.
std::string problem_of(const SecretPattern& pattern, const RE2& expression) {
  if (!is_name(pattern.name)) return "its name must be lower-case letters, digits and hyphens";
  if (pattern.expression.size() > kMaxExpressionBytes) {
    return fmt::format("its expression is longer than {} bytes", kMaxExpressionBytes);
  }
  if (!expression.ok()) return expression.error();
  if (RE2::FullMatch("", expression)) return "its expression matches the empty text";
  return {};
}

std::vector<SecretSpan> without_overlaps(std::vector<SecretSpan> spans) {
  std::ranges::sort(spans, {}, [](const SecretSpan& span) { return std::pair(span.begin, span.pattern); });
  std::vector<SecretSpan> joined;
  for (const SecretSpan& span : spans) {
    if (joined.empty() || span.begin >= joined.back().end) {
      joined.push_back(span);
    } else {
      joined.back().end = std::max(joined.back().end, span.end);
    }
  }
  return joined;
}

}  // namespace

std::span<const SecretPattern> default_secret_patterns() {
  static const std::vector<SecretPattern> patterns = {
      {"aws-secret-key",
       R"((?i)aws_?secret_?(?:access_?)?key["']?\s*[=:\s]\s*["']?([a-z0-9/+]{40})(?:[^a-z0-9/+]|\z))"},
      {"authorization",
       R"((?i)\bauthorization["']?\s*[:=]\s*["']?(?:(?:basic|bearer|token)\s+)?([a-z0-9._~+/=-]{8,}))"},
      {"bearer", R"((?i)\bbearer\s+([a-z0-9._~+/=-]{16,}))"},
      {"password-option",
       R"((?i)--?(?:password|passwd|passphrase|secret|client-secret|api-key|access-token|auth-token)(?:=|\s+)["']?([^\s"'-][^\s"']{3,}))"},
      {"password-variable", R"((?i)\b(?:[a-z0-9_]*password|mysql_pwd|sshpass)=["']?([^\s"'&]{4,}))"},
      {"mysql-password", R"(\b(?:mysql|mysqldump|mysqladmin|mariadb|mariadb-dump)\b(?:\s+\S+)*?\s-p([^\s"']{4,}))"},
      {"sshpass", R"(\bsshpass\s+-p\s*["']?([^\s"']{4,}))"},
      {"url-password", R"(\b[A-Za-z][A-Za-z0-9+.-]*://[^\s/:@"']*:([^\s/@"']{4,})@)"},
      {"private-key", R"(-----BEGIN [A-Z ]*PRIVATE KEY-----([\s\S]+?)(?:-----END|\z))"},
      {"github-token", R"(\bgh[pousr]_[A-Za-z0-9]{36,})"},
      {"sightline-token", R"(\bslt_[0-9a-f]{16}_([A-Za-z0-9_-]{20,}))"},
  };
  return patterns;
}

std::string mask_text(std::string_view pattern_name) { return fmt::format("{}{}]", kMaskBegin, pattern_name); }

struct SecretPatterns::Compiled {
  std::vector<std::string> names;
  std::vector<std::unique_ptr<RE2>> expressions;
  std::unique_ptr<RE2::Set> set;
};

SecretPatterns::SecretPatterns(std::unique_ptr<Compiled> compiled) : compiled_(std::move(compiled)) {}
SecretPatterns::~SecretPatterns() = default;

Result<std::shared_ptr<const SecretPatterns>> SecretPatterns::compile(std::span<const SecretPattern> patterns) {
  if (patterns.empty() || patterns.size() > kMaxSecretPatterns) {
    return fail(ErrorCode::invalid_input, fmt::format("from 1 to {} patterns of secrets", kMaxSecretPatterns));
  }
  auto compiled = std::make_unique<Compiled>();
  compiled->set = std::make_unique<RE2::Set>(options(), RE2::UNANCHORED);
  for (const SecretPattern& pattern : patterns) {
    auto expression = std::make_unique<RE2>(pattern.expression, options());
    std::string problem = problem_of(pattern, *expression);
    if (problem.empty() && compiled->set->Add(pattern.expression, &problem) >= 0) {
      compiled->names.push_back(pattern.name);
      compiled->expressions.push_back(std::move(expression));
      continue;
    }
    return fail(ErrorCode::invalid_input, fmt::format("the pattern of secrets '{}': {}", pattern.name, problem));
  }
  if (!compiled->set->Compile()) {
    return fail(ErrorCode::invalid_input, "the patterns of secrets take too much memory together");
  }
  return std::shared_ptr<const SecretPatterns>(new SecretPatterns(std::move(compiled)));
}

bool SecretPatterns::may_match(std::string_view text) const {
  if (text.size() < kMinSecretBytes) return false;
  RE2::Set::ErrorInfo error{};
  if (compiled_->set->Match({text.data(), text.size()}, nullptr, &error)) return true;
  return error.kind != RE2::Set::kNoError;  // out of memory for its automaton: not known
}

std::vector<SecretSpan> SecretPatterns::find(std::string_view text) const {
  std::vector<SecretSpan> spans;
  const re2::StringPiece bytes(text.data(), text.size());
  for (std::size_t pattern = 0; pattern < compiled_->expressions.size(); ++pattern) {
    const RE2& expression = *compiled_->expressions[pattern];
    std::vector<re2::StringPiece> groups(1 + static_cast<std::size_t>(expression.NumberOfCapturingGroups()));
    for (std::size_t at = 0; at < text.size();) {
      if (!expression.Match(bytes, at, text.size(), RE2::UNANCHORED, groups.data(), static_cast<int>(groups.size()))) {
        break;
      }
      const auto group =
          std::find_if(groups.begin() + 1, groups.end(), [](const auto& g) { return g.data() != nullptr; });
      const re2::StringPiece& secret = group == groups.end() ? groups.front() : *group;
      const auto begin = static_cast<std::size_t>(secret.data() - text.data());
      const std::size_t end = begin + secret.size();
      const bool is_mask = text.substr(begin).starts_with(kMaskBegin);
      if (secret.size() >= kMinSecretBytes && !is_mask) spans.push_back({begin, end, pattern});
      at = std::max(end, at + 1);
    }
  }
  return without_overlaps(std::move(spans));
}

const std::string& SecretPatterns::name(std::size_t pattern) const { return compiled_->names[pattern]; }

}  // namespace sightline::sources
