#include "agent/audit_rules/rule_builder.h"

#include <fmt/format.h>
#include <libaudit.h>
#include <sys/stat.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "agent/audit_rules/libaudit_mistakes.h"

// libaudit's notes on the line it is in, which its own program resets between lines. In no header of the library.
extern "C" {
extern int _audit_permadded;
extern int _audit_archadded;
extern int _audit_syscalladded;
extern int _audit_exeadded;
extern int _audit_filterfsadded;
extern unsigned int _audit_elf;
}

namespace sightline::agent {
namespace {

// A number beyond is one of the kernel's classes of system calls.
constexpr int kSyscalls = AUDIT_BITMASK_SIZE * 32 - 16;
constexpr std::size_t kNameBytes = 255;
constexpr std::size_t kPathBytes = 4096;

std::mutex& libaudit_lock() {
  static std::mutex lock;
  return lock;
}

void forget_the_line_before() {
  _audit_permadded = _audit_archadded = _audit_syscalladded = _audit_exeadded = _audit_filterfsadded = 0;
  _audit_elf = 0;
}

std::unexpected<RuleMistake> mistake(std::string what, std::string expected, std::string hint = {}) {
  return std::unexpected(RuleMistake{std::move(what), std::move(expected), std::move(hint)});
}

std::optional<RuleMistake> path_mistake(const std::string& path) {
  const std::string expected = "an absolute path of less than 4096 bytes, a name in it of at most 255";
  if (!path.starts_with('/')) return RuleMistake{path + " is not an absolute path", expected, ""};
  const std::size_t name_bytes = path.size() - path.rfind('/') - 1;
  if (path.size() >= kPathBytes || name_bytes > kNameBytes) return RuleMistake{"the path is too long", expected, ""};
  return std::nullopt;
}

struct ListAndAction {
  int list = -1;
  int action = -1;
};

// Either order.
ListAndAction read_list_and_action(const std::string& first, const std::string& second) {
  const ListAndAction read{audit_name_to_flag(first.c_str()), audit_name_to_action(second.c_str())};
  if (read.list >= 0 && read.action >= 0) return read;
  return {audit_name_to_flag(second.c_str()), audit_name_to_action(first.c_str())};
}

int add_field(audit_rule_data** rule, const char* pair, int flags) {
  return audit_rule_fieldpair_data(rule, pair, flags);
}

int add_comparison(audit_rule_data** rule, const char* pair, int flags) {
  const int code = audit_rule_interfield_comp_data(rule, pair, flags);
  return code == -1 ? -33 : code;  // it says -1 to two fields that do not go together
}

}  // namespace

void RuleBuilder::Free::operator()(audit_rule_data* rule) const { audit_rule_free_data(rule); }

RuleBuilder::RuleBuilder() : lock_(libaudit_lock()), rule_(audit_rule_create_data()) {
  set_aumessage_mode(MSG_QUIET, DBG_NO);
  forget_the_line_before();
}

RuleBuilder::~RuleBuilder() { forget_the_line_before(); }

RuleStep RuleBuilder::list_and_action(const std::string& text, bool at_front) {
  const std::string expected =
      "a list (exit, task, user, exclude, filesystem) and an action (always, never) with a comma between them";
  if (has_list_) return mistake("a second list or watch", "one rule a line");
  const std::size_t comma = text.find(',');
  if (comma == std::string::npos) return mistake(text + " is not a list and an action", expected);
  const ListAndAction read = read_list_and_action(text.substr(0, comma), text.substr(comma + 1));
  if (read.list < 0 || read.action < 0) {
    const bool old = text.find("entry") != std::string::npos;
    return mistake(text + " is not a list and an action", expected,
                   old ? "the kernel has no entry list any more, exit sees the same calls" : "");
  }
  if (read.action == AUDIT_POSSIBLE) return mistake("the action possible is gone", expected);
  if (read.list != AUDIT_FILTER_EXIT && _audit_syscalladded != 0) {
    return mistake(text + " after system calls", "system calls in a rule of the exit list");
  }
  list_ = static_cast<std::uint32_t>(read.list);
  action_ = static_cast<std::uint32_t>(read.action);
  has_list_ = true;
  at_front_ = at_front;
  return {};
}

RuleStep RuleBuilder::syscalls(const std::string& text) {
  if (has_list_ && list_ != AUDIT_FILTER_EXIT) {
    return mistake("system calls in a rule of another list than exit", "-a always,exit before -S");
  }
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    if (end > begin) {
      if (auto added = syscall(text.substr(begin, end - begin)); !added) return added;
    }
    begin = end + 1;
  }
  if (text.find_first_not_of(',') == std::string::npos)
    return mistake("-S without a system call", "a name or a number");
  _audit_syscalladded = 1;
  return {};
}

RuleStep RuleBuilder::syscall(const std::string& name) {
  if (std::isdigit(static_cast<unsigned char>(name.front())) != 0) {
    char* end = nullptr;
    if (std::strtol(name.c_str(), &end, 0) >= kSyscalls || *end != '\0') {
      return mistake(name + " is not the number of a system call", fmt::format("at most {}", kSyscalls - 1));
    }
  }
  const int code = audit_rule_syscallbyname_data(rule_.get(), name.c_str());
  if (code == -2) return std::unexpected(explain_libaudit(-4, "the architecture"));
  if (code != 0) {
    unknown_syscalls_.push_back(name);
    return {};
  }
  any_syscall_ = true;
  if (_audit_elf == 0 && name != "all") see_architecture(name);
  return {};
}

void RuleBuilder::see_architecture(const std::string& name) {
  audit_rule_data here{};
  audit_rule_data other{};
  const int machine = audit_determine_machine("b32");
  if (machine < 0) return;
  static_cast<void>(audit_rule_syscallbyname_data(&here, name.c_str()));
  _audit_elf = audit_machine_to_elf(machine);
  static_cast<void>(audit_rule_syscallbyname_data(&other, name.c_str()));
  _audit_elf = 0;
  if (!std::ranges::equal(here.mask, other.mask)) depends_on_architecture_ = true;
}

RuleStep RuleBuilder::add_pair(const std::string& text, int (*add)(audit_rule_data**, const char*, int)) {
  std::string pair = text;  // the library cuts it in place
  audit_rule_data* rule = rule_.release();
  const int code = add(&rule, pair.data(), static_cast<int>(list_));
  rule_.reset(rule);
  if (code != 0) return std::unexpected(explain_libaudit(code, text));
  return {};
}

RuleStep RuleBuilder::field(const std::string& text) {
  if (!has_list_) return mistake("a field without a list", "-a, -A or -d before -F");
  if (text.starts_with("key=")) return add_key(text.substr(4));
  if (auto added = add_pair(text, add_field); !added) return added;
  const std::uint32_t field = rule_->fields[rule_->field_count - 1];
  if (field == AUDIT_PERM) _audit_permadded = 1;
  if (field == AUDIT_EXE) _audit_exeadded = 1;
  if (field == AUDIT_FSTYPE) _audit_filterfsadded = 1;
  return {};
}

RuleStep RuleBuilder::comparison(const std::string& text) {
  if (!has_list_) return mistake("a comparison without a list", "-a, -A or -d before -C");
  return add_pair(text, add_comparison);
}

RuleStep RuleBuilder::watch(std::string path) {
  if (has_list_) return mistake("a watch beside a list or a second watch", "one rule a line");
  if (rule_->field_count > 0) return mistake("a watch after fields", "-w first");
  if (auto wrong = path_mistake(path)) return std::unexpected(*wrong);
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  struct stat about{};
  const bool directory = ::stat(path.c_str(), &about) == 0 && S_ISDIR(about.st_mode);
  audit_rule_data* rule = rule_.release();
  const int code = audit_add_watch_dir(directory ? AUDIT_DIR : AUDIT_WATCH, &rule, path.c_str());
  rule_.reset(rule);
  if (code != 0) return mistake(path + " cannot be watched", "an absolute path");
  list_ = AUDIT_FILTER_EXIT;
  action_ = AUDIT_ALWAYS;
  has_list_ = true;
  _audit_syscalladded = 1;
  return {};
}

RuleStep RuleBuilder::permissions(const std::string& text) {
  if (!has_list_) return mistake("permissions without a watch", "-w before -p");
  int permissions = 0;
  for (const char c : text) {
    switch (std::tolower(static_cast<unsigned char>(c))) {
      case 'r':
        permissions |= AUDIT_PERM_READ;
        break;
      case 'w':
        permissions |= AUDIT_PERM_WRITE;
        break;
      case 'x':
        permissions |= AUDIT_PERM_EXEC;
        break;
      case 'a':
        permissions |= AUDIT_PERM_ATTR;
        break;
      default:
        return std::unexpected(explain_libaudit(-14, text));
    }
  }
  if (text.empty() || text.size() > 4) return mistake(text + " is not a set of permissions", "1 to 4 letters of rwxa");
  if (audit_update_watch_perms(rule_.get(), permissions) != 0) {
    return mistake("permissions without a watch", "-w before -p");
  }
  _audit_permadded = 1;
  return {};
}

RuleStep RuleBuilder::key(const std::string& text) {
  const bool named =
      _audit_syscalladded != 0 || _audit_permadded != 0 || _audit_exeadded != 0 || _audit_filterfsadded != 0;
  if (!has_list_ || !named) return std::unexpected(explain_libaudit(-19, "the key"));
  return add_key(text);
}

// Of -F key=, too, which may stand before what it names.
RuleStep RuleBuilder::add_key(const std::string& text) {
  if (text.empty()) return mistake("an empty key", "a name");
  if (!key_.empty()) key_ += static_cast<char>(AUDIT_KEY_SEPARATOR);
  key_ += text;
  if (key_.size() > AUDIT_MAX_KEY_LEN) return mistake("the keys are too long", "at most 256 bytes, all keys together");
  return {};
}

std::expected<PackedRule, RuleMistake> RuleBuilder::finish() {
  if (!has_list_) return mistake("no list and no watch", "-a, -A, -d, -w or -W");
  if (!unknown_syscalls_.empty() && !any_syscall_) {
    return mistake("none of its system calls is known for this architecture", "names of ausyscall(8), numbers or all");
  }
  if (list_ != AUDIT_FILTER_TASK && _audit_syscalladded == 0) audit_rule_syscallbyname_data(rule_.get(), "all");
  if (!key_.empty()) {
    if (auto added = add_pair("key=" + key_, add_field); !added) {
      return std::unexpected(std::move(added.error()));
    }
  }
  rule_->flags = list_ | (at_front_ ? AUDIT_FILTER_PREPEND : 0U);
  rule_->action = action_;
  const auto* bytes = reinterpret_cast<const char*>(rule_.get());
  auto packed = PackedRule::from_bytes({bytes, sizeof(audit_rule_data) + rule_->buflen});
  if (!packed) return mistake(packed.error().message, "");
  return *packed;
}

}  // namespace sightline::agent
