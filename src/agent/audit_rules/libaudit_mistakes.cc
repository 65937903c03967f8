#include "agent/audit_rules/libaudit_mistakes.h"

#include <fmt/format.h>
#include <libaudit.h>

#include <algorithm>
#include <iterator>
#include <string_view>

namespace sightline::agent {
namespace {

struct Meaning {
  int code;
  std::string_view what;
  std::string_view expected;
  std::string_view hint;
};

constexpr std::string_view kPair = "a field, one of = != > >= < <= & &=, and a value";
constexpr std::string_view kMachine = "b64, b32 or the name of a machine";
constexpr std::string_view kExitOnly = "a rule of the exit list";
constexpr std::string_view kComparable =
    "two user ids or two group ids that the kernel compares, such as auid!=obj_uid";

constexpr Meaning kMeanings[] = {
    {-1, "has no operator", kPair, ""},
    {-2, "has an unknown field", "a field of auditctl(8)", ""},
    {-3, "comes too late", "the architecture before the system calls", "put -F arch=… before -S"},
    {-4, "names no machine", kMachine, ""},
    {-5, "names no architecture", kMachine, ""},
    {-6, "does not exist on this machine", kMachine, ""},
    {-7, "does not fit the list", kExitOnly, ""},
    {-8, "has an unknown record type", "a name such as CRYPTO_KEY_USER, or a number", ""},
    {-9, "does not fit the list", "a rule of the exclude or user list", ""},
    {-11, "is too long", "at most 256 bytes of key, 4096 of path, 4 permissions", ""},
    {-12, "does not fit the exclude list", "msgtype, pid, uid, gid, auid, exe or a subj_ field", ""},
    {-13, "has an operator that this field does not take", "= or !=", "perm takes = alone"},
    {-14, "has an unknown permission", "letters of r, w, x and a", ""},
    {-15, "has an unknown error name", "a name such as EACCES or -EACCES, or a number", ""},
    {-16, "has an unknown file type", "file, dir, socket, link, character, block or fifo", ""},
    {-17, "does not fit the list", kExitOnly, ""},
    {-19, "names nothing yet", "a watch, system calls or exe= before the key", ""},
    {-20, "has no value", kPair, ""},
    {-21, "has a value that is not a number", "a number", ""},
    {-22, "has no field", kPair, ""},
    {-24, "has no field", kComparable, ""},
    {-25, "has nothing to compare with", kComparable, ""},
    {-26, "has an unknown field", kComparable, ""},
    {-27, "has an unknown field on the right", kComparable, ""},
    {-28, "is one field too many", "at most 63 fields in a rule", ""},
    {-29, "has an operator that this field does not take", "=", ""},
    {-30, "is not known to this kernel", "a field that it knows",
     "a program without CAP_AUDIT_CONTROL cannot ask which those are"},
    {-31, "does not fit the list", "a rule of the exit, user or exclude list", ""},
    {-32, "comes too early", "a list and an action before it", ""},
    {-33, "compares what the kernel does not", kComparable, ""},
    {-34, "does not fit the list", "a field of that list, see auditctl(8)", ""},
    {-35, "is for a list that this kernel does not have", "a list that it has", ""},
    {-36, "has an unknown file system", "a name such as tracefs or debugfs, or a number", ""},
    {-37, "has a value that is too large", "a smaller number", ""},
};

bool is_user(int field) {
  return field == AUDIT_UID || field == AUDIT_EUID || field == AUDIT_SUID || field == AUDIT_FSUID ||
         field == AUDIT_LOGINUID || field == AUDIT_OBJ_UID;
}

bool is_group(int field) {
  return field == AUDIT_GID || field == AUDIT_EGID || field == AUDIT_SGID || field == AUDIT_FSGID ||
         field == AUDIT_OBJ_GID;
}

RuleMistake say(const std::string& text, std::string_view what, std::string_view expected, std::string_view hint) {
  return {fmt::format("{} {}", text, what), std::string(expected), std::string(hint)};
}

}  // namespace

RuleMistake explain_libaudit(int code, const std::string& text) {
  const std::string field_name = text.substr(0, text.find_first_of("!<>=&"));
  const int field = audit_name_to_field(field_name.c_str());
  // Which numbers these are depends on the version.
  const bool not_found = code == -2 || code == -38 || code == -39;
  if (not_found && is_user(field)) return say(text, "names a user this host does not have", "a user or a number", "");
  if (not_found && is_group(field))
    return say(text, "names a group this host does not have", "a group or a number", "");
  const auto* meaning = std::ranges::find(kMeanings, code, &Meaning::code);
  if (meaning == std::end(kMeanings)) return say(text, fmt::format("is refused by libaudit ({})", code), "", "");
  RuleMistake mistake = say(text, meaning->what, meaning->expected, meaning->hint);
  mistake.only_elsewhere = (code == -4 || code == -5 || code == -6) && text.ends_with("b32");
  return mistake;
}

}  // namespace sightline::agent
