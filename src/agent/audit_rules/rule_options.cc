#include "agent/audit_rules/rule_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace sightline::agent {
namespace {

constexpr std::string_view kWithArgument = "aACdFSkwWpbefrqmR";
constexpr std::string_view kWithout = "Dicthslv";
constexpr std::string_view kRuleOptions = "aACdFSkwWp";
constexpr std::string_view kLongWithArgument[] = {"--backlog_wait_time", "--signal"};
constexpr std::string_view kLongWithout[] = {"--loginuid-immutable", "--reset-lost",
                                             "--reset_backlog_wait_time_actual"};

bool any_of(std::span<const std::string_view> names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

std::unexpected<RuleMistake> mistake(std::string what, std::string expected, std::string hint = {}) {
  return std::unexpected(RuleMistake{std::move(what), std::move(expected), std::move(hint)});
}

// As strtoul with base 0 reads it, the whole text and no more than 32 bits.
std::optional<std::uint32_t> read_number(std::string_view text) {
  int base = 10;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    base = 16;
    text.remove_prefix(2);
  } else if (text.size() > 1 && text.starts_with('0')) {
    base = 8;
    text.remove_prefix(1);
  }
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

RemarkOnLine error_at(std::size_t column, RuleMistake text) {
  const auto kind = text.only_elsewhere ? RuleProblem::Kind::note : RuleProblem::Kind::error;
  return {column, kind, std::move(text)};
}

RuleStep read_setting(std::string_view name, const std::string& text, std::uint32_t most,
                      std::optional<std::uint32_t>& setting) {
  const auto number = read_number(text);
  if (!number || *number > most) {
    const std::string expected = most < 10 ? fmt::format("a number from 0 to {}", most) : "a number of at most 32 bits";
    return mistake(fmt::format("{} {}", name, text), expected);
  }
  setting = number;
  return {};
}

// Reads the options of a line from first to last.
class OptionReader {
 public:
  explicit OptionReader(std::span<const RuleWord> words) : words_(words) {}
  std::expected<RuleLine, RemarkOnLine> read();

 private:
  struct Option {
    std::string_view name;  // `-a`, `--reset-lost`
    std::string argument;
    std::size_t column = 0;  // of the argument where there is one
  };

  std::expected<Option, RemarkOnLine> next_option();
  RuleStep take(const Option& option);
  RuleStep take_rule_option(const Option& option);
  RuleStep take_setting(const Option& option);
  RuleStep take_delete_all();
  RuleStep take_other(const Option& option);
  RuleBuilder& builder();
  RuleStep take_syscalls(const Option& option);
  void note(std::size_t column, RuleMistake text) {
    line_.remarks.push_back({column, RuleProblem::Kind::note, std::move(text)});
  }
  std::expected<void, RemarkOnLine> finish_rule();

  std::span<const RuleWord> words_;
  std::size_t next_ = 0;
  std::optional<RuleBuilder> builder_;
  RuleLine line_;
};

std::expected<OptionReader::Option, RemarkOnLine> OptionReader::next_option() {
  const RuleWord& word = words_[next_++];
  const std::string_view text = word.text;
  const auto wrong = [&](std::string what, std::string expected, std::string hint) {
    return std::unexpected(error_at(word.column, {std::move(what), std::move(expected), std::move(hint)}));
  };
  if (!text.starts_with('-') || text.size() < 2) {
    return wrong(word.text + " belongs to no option", "an option such as -a or -w",
                 "write a space within a word as `\\ `; a comment has a line of its own");
  }
  const bool is_long = text.starts_with("--");
  const std::size_t equals = is_long ? text.find('=') : std::string_view::npos;
  const std::string_view name = is_long ? text.substr(0, equals) : text.substr(0, 2);
  const bool attached = is_long ? equals != std::string_view::npos : text.size() > 2;
  const bool wants = is_long ? any_of(kLongWithArgument, name) : kWithArgument.contains(name[1]);
  if (!wants) {
    const bool known = is_long ? any_of(kLongWithout, name) : kWithout.contains(name[1]);
    if (!known || attached) return wrong(word.text + " is no option of a rule file", "an option of auditctl(8)", "");
    return Option{name, "", word.column};
  }
  if (attached) {
    const std::size_t begin = is_long ? equals + 1 : 2;
    return Option{name, std::string(text.substr(begin)), word.column + begin};
  }
  if (next_ == words_.size()) return wrong(word.text + " has no argument", "its argument after it", "");
  const RuleWord& argument = words_[next_++];
  return Option{name, argument.text, argument.column};
}

RuleBuilder& OptionReader::builder() {
  if (!builder_) builder_.emplace();
  return *builder_;
}

RuleStep OptionReader::take_rule_option(const Option& option) {
  if (option.argument.find_first_of("\"'") != std::string::npos) {
    note(option.column, {"quotation marks are part of the value", "", "a space is written as `\\ `"});
  }
  switch (option.name[1]) {
    case 'd':
      line_.deletes = RuleLine::Deletes::one;
      [[fallthrough]];
    case 'a':
      return builder().list_and_action(option.argument, false);
    case 'A':
      return builder().list_and_action(option.argument, true);
    case 'S':
      return take_syscalls(option);
    case 'F':
      return builder().field(option.argument);
    case 'C':
      return builder().comparison(option.argument);
    case 'k':
      return builder().key(option.argument);
    case 'p':
      return builder().permissions(option.argument);
    case 'W':
      line_.deletes = RuleLine::Deletes::one;
      [[fallthrough]];
    default:
      return builder().watch(option.argument);
  }
}

RuleStep OptionReader::take_syscalls(const Option& option) {
  const std::size_t before = builder().unknown_syscalls().size();
  auto taken = builder().syscalls(option.argument);
  const auto unknown = std::span(builder().unknown_syscalls()).subspan(before);
  if (!unknown.empty()) {
    line_.remarks.push_back(error_at(
        option.column, {fmt::format("left out, as libaudit knows no such system call: {}", fmt::join(unknown, ", ")),
                        "names of ausyscall(8), numbers or all", ""}));
  }
  return taken;
}

RuleStep OptionReader::take_setting(const Option& option) {
  switch (option.name[1]) {
    case 'e':
      return read_setting("-e", option.argument, 2, line_.settings.enabled);
    case 'f':
      return read_setting("-f", option.argument, 2, line_.settings.failure);
    case 'r':
      return read_setting("-r", option.argument, UINT32_MAX, line_.settings.rate_limit);
    case 'b':
      return read_setting("-b", option.argument, UINT32_MAX, line_.settings.backlog_limit);
    default:
      return read_setting(option.name, option.argument, UINT32_MAX, line_.settings.backlog_wait_time);
  }
}

// -D, or -D -k KEY.
RuleStep OptionReader::take_delete_all() {
  const std::size_t left = words_.size() - next_;
  const bool with_key = left == 2 && words_[next_].text == "-k";
  if (next_ != 1 || (left != 0 && !with_key)) return mistake("-D among other options", "-D alone, or -D -k KEY");
  line_.deletes = RuleLine::Deletes::all;
  if (with_key) line_.deleted_key = words_[next_ + 1].text;
  next_ = words_.size();
  return {};
}

// Commands of auditctl that are neither rule nor setting.
RuleStep OptionReader::take_other(const Option& option) {
  if (option.name == "-i" || option.name == "-c") return {};
  if (option.name == "-R") return mistake("a rule file in a rule file", "rules", "name the other file to the program");
  const bool lasting = option.name == "-q" || option.name == "-t" || option.name == "--loginuid-immutable" ||
                       option.name.starts_with("--reset");
  const std::string_view why = lasting ? "is not carried out: it could not be undone" : "does nothing in a rule file";
  note(option.column, {fmt::format("{} {}", option.name, why), "", ""});
  return {};
}

RuleStep OptionReader::take(const Option& option) {
  if (option.name == "--backlog_wait_time") return take_setting(option);
  if (option.name.size() > 2) return take_other(option);
  if (kRuleOptions.contains(option.name[1])) return take_rule_option(option);
  if (option.name == "-D") return take_delete_all();
  if (std::string_view("efrb").contains(option.name[1])) return take_setting(option);
  return take_other(option);
}

std::expected<void, RemarkOnLine> OptionReader::finish_rule() {
  if (!builder_) return {};
  auto packed = builder_->finish();
  if (!packed) return std::unexpected(error_at(0, std::move(packed.error())));
  if (builder_->depends_on_architecture()) {
    note(0, {"system calls without an architecture have other numbers for 32-bit programs", "",
             "one rule with -F arch=b64 and one with -F arch=b32"});
  }
  line_.rule = std::move(*packed);
  return {};
}

std::expected<RuleLine, RemarkOnLine> OptionReader::read() {
  while (next_ < words_.size()) {
    const auto option = next_option();
    if (!option) return std::unexpected(option.error());
    if (auto taken = take(*option); !taken) {
      return std::unexpected(error_at(option->column, std::move(taken.error())));
    }
  }
  if (auto finished = finish_rule(); !finished) return std::unexpected(std::move(finished.error()));
  return std::move(line_);
}

}  // namespace

std::expected<RuleLine, RemarkOnLine> read_rule_options(std::span<const RuleWord> words) {
  return OptionReader(words).read();
}

}  // namespace sightline::agent
