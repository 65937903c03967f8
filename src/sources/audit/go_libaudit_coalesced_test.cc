// Whole events against go-libaudit's coalesced goldens, by meaning, and its streams that are out of order, roll over or
// lost records.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cctype>
#include <map>

#include "sources/audit/decode_testing.h"
#include "sources/audit/golden_testing.h"
#include "testing/corpora.h"

namespace sightline::audit {
namespace {

using namespace sightline::audit::testing;

// Reasons that hold for a path in every case: what they derive, we leave to whoever reads the event.
struct DerivedPath {
  std::string_view prefix;
  std::string_view reason;
};
constexpr DerivedPath kDerived[] = {
    {"category", "their grouping of record types; ours is event_type"},
    {"ecs.", "Elastic's categories, derived from the action; ours are event_type and type"},
    {"summary.object.", "their sentence about the event, made of fields compared one by one"},
    {"summary.how", "their sentence about the event, made of fields compared one by one"},
    {"summary.actor.secondary", "their sentence about the event, made of fields compared one by one"},
};

constexpr std::string_view kDirfd = "make-device";
constexpr KnownDifference kKnown[] = {
    {kDirfd, "file.path", "they take the first PATH record, the directory; ours is the file that was created"},
    {kDirfd, "file.inode", "of the directory, see file.path"},
    {kDirfd, "file.mode", "of the directory, see file.path"},
    {"rename syscall", "file.path", "they take the old name; ours is the new one, theirs is in old_filename"},
    {"AUDIT_TIME_ADJNTPVAL chronyd status", "tags.0", "they read 0x1d and ARCH= as part of key=(null)"},
    {"AUDIT_TIME_ADJNTPVAL chronyd freq", "tags.0", "they read 0x1d and ARCH= as part of key=(null)"},
    {"AUDIT_TIME_ADJNTPVAL freq/tick", "tags.0", "they read 0x1d and ARCH= as part of key=(null)"},
};

// Their sentence's verb and our type.
const std::map<std::string_view, std::string_view>& actions() {
  static const std::map<std::string_view, std::string_view> table = {
      {"accepted-connection-from", "accept"},
      {"acquired-credentials", "credential_acquire"},
      {"authenticated", "auth"},
      {"changed-audit-configuration", "config_change"},
      {"changed-login-id-to", "session_start"},
      {"changed-password", "password_change_failed"},
      {"changed-promiscuous-mode-on-device", "anom_promiscuous"},
      {"changed-system-time", "adjtimex"},
      {"connected-to", "connect"},
      {"crashed-program", "anom_abend"},
      {"deleted", "delete"},
      {"disposed-credentials", "credential_dispose"},
      {"ended-session", "session_close"},
      {"error", "login_error"},
      {"executed", "start"},
      {"linked", "create"},
      {"listen-for-connections", "listen"},
      {"loaded-firewall-rule-to", "netfilter_change"},
      {"logged-out", "logout"},
      {"make-device", "create"},
      {"mounted", "mount"},
      {"negotiated-crypto-key", "crypto_key"},
      {"ran-command", "command"},
      {"renamed", "rename"},
      {"started-crypto-session", "crypto_session"},
      {"started-service", "service_start"},
      {"started-session", "session_open"},
      {"was-authorized", "account_check"},
  };
  return table;
}

std::string action_of(const Event& event, std::string_view theirs) {
  const std::string type = text(event, FieldId::type);
  if (theirs == "logged-in") return type == "login" || type == "login_failed" ? std::string(theirs) : type;
  // The call that was checked names our event, where it has a name: avc (read) and delete (unlink).
  if (theirs == "violated-apparmor-policy") return attributes(event, "apparmor").empty() ? type : std::string(theirs);
  const auto found = actions().find(theirs);
  return found != actions().end() && found->second == type ? std::string(theirs) : type;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

std::optional<std::string> at(const std::vector<std::string>& values, std::string_view index) {
  const auto number = static_cast<std::size_t>(std::stoul(std::string(index)));
  return number < values.size() ? std::optional(values[number]) : std::nullopt;
}

// The record of that type at that place of the original, as an event of its own: to look at one PATH among several.
std::optional<Event> nth_path(const sources::Decoded& paths, std::string_view item) {
  for (const Event& event : paths.events.events()) {
    if (attributes(event, "item") == std::vector<std::string>{std::string(item)}) return event;
  }
  return std::nullopt;
}

class CoalescedCase {
 public:
  CoalescedCase(const Event& event, std::string_view lines) : event_(event) {
    std::istringstream stream{std::string(lines)};
    for (std::string line; std::getline(stream, line);) {
      if (line.find("type=PATH ") != std::string::npos) path_lines_.push_back(decode(line + "\n"));
    }
  }

  std::optional<std::string> read(std::string_view path, std::string_view theirs) const {
    if (path == "record_type") return record_type(theirs);
    if (path == "network.direction") return event_.find(FieldId::src_ip) != nullptr ? "ingress" : "egress";
    if (path == "summary.action") return action_of(event_, theirs);
    if (path == "summary.actor.primary") return actor();
    if (const auto rest = below(path, "tags.")) return at(texts(event_, FieldId::key), *rest);
    if (const auto rest = below(path, "user.ids.")) return reading(event_, *rest);
    if (const auto rest = below(path, "user.selinux.")) return reading(event_, "subj_" + std::string(*rest));
    if (const auto rest = below(path, "process.")) return process(*rest);
    if (const auto rest = below(path, "source.")) return endpoint(*rest, FieldId::src_ip, FieldId::src_port);
    if (const auto rest = below(path, "destination.")) return endpoint(*rest, FieldId::dst_ip, FieldId::dst_port);
    if (const auto rest = below(path, "file.")) return file(*rest);
    if (const auto rest = below(path, "paths.")) return one_path(*rest);
    if (const auto rest = below(path, "data.")) return data(*rest, theirs);
    return reading(event_, path);
  }

 private:
  static std::optional<std::string_view> below(std::string_view path, std::string_view prefix) {
    return path.starts_with(prefix) ? std::optional(path.substr(prefix.size())) : std::nullopt;
  }

  std::optional<std::string> record_type(std::string_view theirs) const {
    const auto types = texts(event_, FieldId::record_type);
    const auto found = std::ranges::find_if(types, [&](const std::string& type) { return lower(type) == theirs; });
    return found == types.end() ? std::nullopt : std::optional(lower(*found));
  }

  // Who acted; before a login gave the session its user, that was nobody.
  std::optional<std::string> actor() const {
    return text(event_, FieldId::type) == "session_start" ? reading(event_, "old-auid") : reading(event_, "auid");
  }

  std::optional<std::string> process(std::string_view name) const {
    if (name == "title") return reading(event_, "proctitle");
    if (name == "name") return reading(event_, "comm");
    if (const auto index = below(name, "args.")) return at(texts(event_, FieldId::args), *index);
    return reading(event_, name);
  }

  std::optional<std::string> endpoint(std::string_view name, FieldId ip, FieldId port) const {
    if (name == "ip") return text(event_, ip);
    const auto value = event_.integer(port);
    return value ? std::optional(std::to_string(*value)) : std::nullopt;
  }

  // Theirs is made of one PATH record: permissions in four digits, the owner, and rdev as the device.
  std::optional<std::string> file(std::string_view name) const {
    if (name == "path") return text(event_, FieldId::filename);
    if (name == "inode") return reading(event_, name);
    const auto main = main_item();
    if (!main) return std::nullopt;
    if (name == "mode") return text(event_, FieldId::file_mode).substr(text(event_, FieldId::file_mode).size() - 4);
    if (name == "uid") return reading(*main, "ouid");
    if (name == "gid") return reading(*main, "ogid");
    if (name == "device") return reading(*main, "rdev");
    if (const auto part = below(name, "selinux.")) return reading(*main, "obj_" + std::string(*part));
    return std::nullopt;
  }

  std::optional<Event> main_item() const {
    for (const sources::Decoded& line : path_lines_) {
      const Event& item = line.events.events().at(0);
      if (item.integer(FieldId::inode) == event_.integer(FieldId::inode)) return item;
    }
    return std::nullopt;
  }

  std::optional<std::string> one_path(std::string_view rest) const {
    const std::size_t point = rest.find('.');
    const std::string_view name = rest.substr(point + 1);
    const auto index = static_cast<std::size_t>(std::stoul(std::string(rest.substr(0, point))));
    // The event has the same values as lists; where every record has one, it stands at the record's place.
    const auto list = name == "name" ? texts(event_, FieldId::path) : attributes(event_, name);
    if (list.size() == path_lines_.size()) return list.at(index);
    const auto item = nth_path(path_lines_.at(index), rest.substr(0, point));
    return item ? reading(*item, name) : std::nullopt;
  }

  // Of the record types beside the system call; a value that the call has too is our field.
  std::optional<std::string> data(std::string_view name, std::string_view theirs) const {
    const auto value = reading(event_, name);
    const auto list = attributes(event_, name);
    if (value != theirs && std::ranges::find(list, theirs) != list.end()) return std::string(theirs);
    return value;
  }

  const Event& event_;
  std::vector<sources::Decoded> path_lines_;
};

class CoalescedGoldens {
 public:
  explicit CoalescedGoldens(Comparison& comparison) : comparison_(comparison) {}

  void check_file(const std::filesystem::path& yaml) {
    const YAML::Node tests = YAML::LoadFile(yaml.string())["tests"];
    simdjson::dom::parser parser;
    std::filesystem::path golden_path = yaml;
    const simdjson::dom::element golden = parser.load(golden_path.replace_extension("json.golden").string());
    for (const simdjson::dom::element item : golden.get_array()) {
      const std::string name(std::string_view(item["test_name"].get_string()));
      check_case(name, tests[name].as<std::string>(), item["event"]);
    }
    EXPECT_EQ(tests.size(), golden.get_array().size());
  }

  std::size_t cases() const { return cases_; }
  const std::map<std::string_view, std::size_t>& derived() const { return derived_; }

 private:
  void check_case(const std::string& name, const std::string& lines, const simdjson::dom::element& golden) {
    SCOPED_TRACE(name);
    ++cases_;
    const auto out = decode(lines);
    EXPECT_EQ(out.rejected_count, 0u);
    ASSERT_EQ(out.events.size(), 1u);
    const Event& event = out.events.events()[0];
    EXPECT_EQ(event.original, lines);
    const CoalescedCase reader(event, lines);
    for (const Leaf& leaf : leaves(golden)) {
      const auto* reason = std::ranges::find_if(
          kDerived, [&](const DerivedPath& derived) { return leaf.path.starts_with(derived.prefix); });
      if (reason != std::end(kDerived)) {
        ++derived_[reason->prefix];
        continue;
      }
      comparison_.compare(name, leaf.path, leaf.value, reader.read(leaf.path, leaf.value));
    }
  }

  Comparison& comparison_;
  std::size_t cases_ = 0;
  std::map<std::string_view, std::size_t> derived_;
};

TEST(GoLibaudit, CoalescedEvents) {
  SIGHTLINE_NEEDS_CORPUS("audit/go-libaudit");
  Comparison comparison(kKnown);
  CoalescedGoldens goldens(comparison);
  std::size_t files = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(sightline::testing::corpora() / "audit/go-libaudit/aucoalesce/testdata")) {
    if (entry.path().extension() != ".yaml") continue;
    ++files;
    goldens.check_file(entry.path());
  }
  fmt::print("{} files, {} events\n{}", files, goldens.cases(), comparison.summary());
  for (const DerivedPath& derived : kDerived) {
    fmt::print("  derived      {} ({} values): {}\n", derived.prefix, goldens.derived().at(derived.prefix),
               derived.reason);
  }
  EXPECT_EQ(files, 8u);
  EXPECT_EQ(goldens.cases(), 48u);
  EXPECT_TRUE(comparison.unexplained().empty());
  EXPECT_EQ(comparison.unused(), std::vector<std::string>());
}

std::string stream_summary(std::string_view file) {
  const auto out = decode(read_file(sightline::testing::corpora() / "audit/go-libaudit/testdata" / file));
  EXPECT_EQ(out.rejected_count, 0u);
  std::string summary;
  for (const Event& event : out.events.events()) {
    summary +=
        fmt::format("{}:{}:{}{} ", event.integer(FieldId::serial).value_or(-1), text(event, FieldId::type),
                    std::ranges::count(event.original, '\n'), event.find(FieldId::partial) != nullptr ? "!" : "");
  }
  return summary;
}

TEST(GoLibaudit, Streams) {
  SIGHTLINE_NEEDS_CORPUS("audit/go-libaudit");
  constexpr std::string_view kNormal = "58:connect:2 59:start:5 60:start:5 61:connect:4 62:accept:1 ";
  EXPECT_EQ(stream_summary("normal.log"), kNormal);
  EXPECT_EQ(stream_summary("out_of_order.log"), kNormal);
  // 49 in place of 58: nine serial numbers are missing, no record of these events.
  EXPECT_EQ(stream_summary("lost_messages.log"), "49:connect:2 59:start:5 60:start:5 61:connect:4 62:accept:1 ");
  EXPECT_EQ(stream_summary("rollover.log"),
            "4294967294:connect:1 4294967295:start:1! 0:connect:1! 1:accept:1 2:accept:1 ");
}

}  // namespace
}  // namespace sightline::audit
