#include "agent/audit_rules/rule_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "agent/audit_rules/rule_line.h"
#include "agent/audit_rules/rule_options.h"
#include "base/descriptor.h"

namespace sightline::agent {
namespace {

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t') || byte == 0x7f;
}

// One line, with what is said about it.
class LineReader {
 public:
  LineReader(const std::string& file, std::size_t line, RuleFiles& files) : file_(file), line_(line), files_(files) {}

  void read(std::string_view text) {
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (text.size() > kMaxRuleLineBytes) return error(0, {"the line is too long", "at most 8 KiB", ""});
    const auto bad = std::ranges::find_if(text, is_control);
    if (bad != text.end()) {
      const auto column = static_cast<std::size_t>(bad - text.begin()) + 1;
      return error(column, {fmt::format("byte {:#04x}", static_cast<unsigned char>(*bad)), "text", ""});
    }
    const std::vector<RuleWord> words = split_rule_line(text);
    if (words.empty()) return;
    auto line = read_rule_options(words);
    if (!line) return remark(line.error());
    for (const RemarkOnLine& found : line->remarks) remark(found);
    take(std::move(*line), text);
  }

 private:
  void remark(const RemarkOnLine& remark) {
    if (files_.problems.size() >= kMaxRuleProblems) return;
    const RuleMistake& text = remark.text;
    files_.problems.push_back({remark.kind, file_, line_, remark.column, text.what, text.expected, text.hint});
  }
  void error(std::size_t column, RuleMistake text) { remark({column, RuleProblem::Kind::error, std::move(text)}); }
  void note(std::string what) { remark({0, RuleProblem::Kind::note, {std::move(what), "", ""}}); }

  void take(RuleLine line, std::string_view text) {
    const auto settle = [](std::optional<std::uint32_t>& setting, const std::optional<std::uint32_t>& wish) {
      if (wish) setting = wish;
    };
    settle(files_.settings.enabled, line.settings.enabled);
    settle(files_.settings.failure, line.settings.failure);
    settle(files_.settings.rate_limit, line.settings.rate_limit);
    settle(files_.settings.backlog_limit, line.settings.backlog_limit);
    settle(files_.settings.backlog_wait_time, line.settings.backlog_wait_time);
    switch (line.deletes) {
      case RuleLine::Deletes::all:
        return take_back_all(line.deleted_key);
      case RuleLine::Deletes::one:
        return take_back(*line.rule);
      case RuleLine::Deletes::nothing:
        if (line.rule) add(std::move(*line.rule), text);
    }
  }

  void add(PackedRule rule, std::string_view text) {
    const auto same = std::ranges::find(files_.rules, rule, &AuditRule::packed);
    if (same != files_.rules.end()) {
      return note(fmt::format("the same rule as in line {} of {}", same->line, same->file));
    }
    if (files_.rules.size() == kMaxRules) return error(0, {"too many rules", fmt::format("at most {}", kMaxRules), ""});
    files_.rules.push_back({file_, line_, std::string(text), std::move(rule)});
  }

  void take_back(const PackedRule& rule) {
    if (std::erase_if(files_.rules, [&](const AuditRule& each) { return each.packed == rule; }) > 0) return;
    note("deletes no rule read before it; what the kernel has already is left alone");
  }

  void take_back_all(const std::string& key) {
    std::erase_if(files_.rules, [&](const AuditRule& each) {
      const std::vector<std::string> keys = each.packed.keys();
      return key.empty() || std::ranges::find(keys, key) != keys.end();
    });
    note("-D takes back what was read before it; what the kernel has already is left alone");
  }

  const std::string& file_;
  std::size_t line_;
  RuleFiles& files_;
};

Result<std::string> read_whole(const std::filesystem::path& file) {
  const Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!descriptor.open()) {
    auto error = system_error("cannot read", file);
    if (errno == ENOENT) error.error().code = ErrorCode::not_found;
    return error;
  }
  struct stat about{};
  if (::fstat(descriptor.number(), &about) != 0) return system_error("cannot read", file);
  if (!S_ISREG(about.st_mode)) return fail(ErrorCode::invalid_input, file.string() + " is not a regular file");
  std::string text(kMaxRuleFileBytes + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t count = ::read(descriptor.number(), text.data() + size, text.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_error("cannot read", file);
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  if (size > kMaxRuleFileBytes) return fail(ErrorCode::too_large, file.string() + " has more than 4 MiB");
  text.resize(size);
  return text;
}

// Bytes that a terminal might obey as question marks.
void append_printable(std::string& out, std::string_view text) {
  for (const char c : text) out += is_control(c) ? '?' : c;
}

}  // namespace

std::string to_string(const RuleProblem& problem) {
  std::string out = fmt::format("{}:{}", problem.file, problem.line);
  if (problem.column > 0) out += fmt::format(":{}", problem.column);
  out += problem.kind == RuleProblem::Kind::error ? ": error: " : ": note: ";
  append_printable(out, problem.what);
  if (!problem.expected.empty()) out += "; expected " + problem.expected;
  if (!problem.hint.empty()) out += "; hint: " + problem.hint;
  return out;
}

void read_rules(std::string_view text, const std::string& file, RuleFiles& files) {
  if (text.size() > kMaxRuleFileBytes) {
    files.problems.push_back({RuleProblem::Kind::error, file, 0, 0, "the file is too large", "at most 4 MiB", ""});
    return;
  }
  std::size_t line = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    LineReader(file, ++line, files).read(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

Result<void> read_rule_file(const std::filesystem::path& file, RuleFiles& files) {
  auto text = read_whole(file);
  if (!text) return std::unexpected(std::move(text.error()));
  read_rules(*text, file.string(), files);
  return {};
}

}  // namespace sightline::agent
