// The implementation of golden_testing.h (only tests use it, so it is compiled with them).
#include "sources/audit/golden_testing.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <fstream>
#include <sstream>

#include "sources/audit/decode_testing.h"

namespace sightline::audit::testing {

namespace {

std::string scalar(const simdjson::dom::element& element) {
  if (element.is_string()) return std::string(std::string_view(element.get_string()));
  return simdjson::minify(element);
}

void collect(const simdjson::dom::element& element, const std::string& path, std::vector<Leaf>& out) {
  const auto below = [&](std::string_view name) {
    return path.empty() ? std::string(name) : path + "." + std::string(name);
  };
  if (element.is_object()) {
    for (const auto& [key, value] : element.get_object()) collect(value, below(key), out);
  } else if (element.is_array()) {
    std::size_t index = 0;
    for (const simdjson::dom::element value : element.get_array()) collect(value, below(std::to_string(index++)), out);
  } else {
    out.push_back({path, scalar(element)});
  }
}

std::optional<std::string> first(const std::vector<std::string>& values) {
  return values.empty() ? std::nullopt : std::optional(values.front());
}

std::optional<std::string> text_of(const Event& event, FieldId field) { return first(texts(event, field)); }

std::optional<std::string> number_of(const Event& event, FieldId field) {
  const auto value = event.integer(field);
  return value ? std::optional(std::to_string(*value)) : std::nullopt;
}

// They write "unset" for 4294967295.
std::optional<std::string> id_of(const Event& event, FieldId field) {
  auto value = number_of(event, field);
  return value == "4294967295" ? "unset" : value;
}

// "2016-12-07T02:16:32.414Z", without zeros at the end of the fraction.
std::string iso_time(std::int64_t time_ms) {
  const std::time_t seconds = time_ms / 1000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::string out = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}", parts.tm_year + 1900, parts.tm_mon + 1,
                                parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, time_ms % 1000);
  while (out.ends_with('0')) out.pop_back();
  if (out.ends_with('.')) out.pop_back();
  return out + "Z";
}

// user:role:domain:level[:category], which we keep whole.
std::optional<std::string> context_part(const Event& event, std::string_view attribute, std::string_view part) {
  const auto contexts = attributes(event, attribute);
  if (contexts.empty()) return std::nullopt;
  constexpr std::string_view kParts[] = {"user", "role", "domain", "level", "category"};
  std::string_view rest = contexts.front();
  for (const std::string_view name : kParts) {
    const std::size_t end = name == "category" ? std::string_view::npos : rest.find(':');
    if (name == part) return std::string(rest.substr(0, end));
    if (end == std::string_view::npos) return std::nullopt;
    rest.remove_prefix(end + 1);
  }
  return std::nullopt;
}

std::optional<std::string> result_of(const Event& event) {
  const auto success = event.integer(FieldId::success);
  if (!success) return "unknown";
  return *success != 0 ? "success" : "fail";
}

std::optional<std::string> either(const Event& event, FieldId one, FieldId other) {
  auto value = text_of(event, one);
  return value ? value : text_of(event, other);
}

std::optional<std::string> port_of(const Event& event) {
  auto value = number_of(event, FieldId::src_port);
  return value ? value : number_of(event, FieldId::dst_port);
}

// inet is their ipv4; a family of 0 is a number there.
std::optional<std::string> family_of(const Event& event) {
  const auto family = text_of(event, FieldId::address_family);
  if (family == "inet") return "ipv4";
  if (family == "inet6") return "ipv6";
  if (family == "unspec") return "0";
  return family;
}

using Reader = std::optional<std::string> (*)(const Event&);

constexpr std::pair<std::string_view, Reader> kReaders[] = {
    {"@timestamp", [](const Event& e) -> std::optional<std::string> { return iso_time(e.event_time_ms); }},
    {"sequence", [](const Event& e) { return number_of(e, FieldId::serial); }},
    {"result", result_of},
    {"auid", [](const Event& e) { return id_of(e, FieldId::auid); }},
    {"new_auid", [](const Event& e) { return id_of(e, FieldId::auid); }},
    {"old_auid", [](const Event& e) { return first(attributes(e, "old-auid")); }},
    {"old-auid",
     [](const Event& e) {
       auto value = first(attributes(e, "old-auid"));
       return value == "4294967295" ? "unset" : value;
     }},
    {"ses", [](const Event& e) { return id_of(e, FieldId::session); }},
    {"session", [](const Event& e) { return id_of(e, FieldId::session); }},
    {"uid", [](const Event& e) { return number_of(e, FieldId::uid); }},
    {"gid", [](const Event& e) { return number_of(e, FieldId::gid); }},
    {"euid", [](const Event& e) { return number_of(e, FieldId::euid); }},
    {"pid", [](const Event& e) { return number_of(e, FieldId::pid); }},
    {"ppid", [](const Event& e) { return number_of(e, FieldId::ppid); }},
    {"exe", [](const Event& e) { return text_of(e, FieldId::exe); }},
    {"comm", [](const Event& e) { return text_of(e, FieldId::comm); }},
    {"cwd", [](const Event& e) { return text_of(e, FieldId::cwd); }},
    {"proctitle", [](const Event& e) { return text_of(e, FieldId::proctitle); }},
    {"arch", [](const Event& e) { return text_of(e, FieldId::arch); }},
    {"syscall", [](const Event& e) { return text_of(e, FieldId::syscall); }},
    {"exit",
     [](const Event& e) {
       auto name = text_of(e, FieldId::exit_name);
       return name ? name : number_of(e, FieldId::exit);
     }},
    // Their "(none)" is our null.
    {"tty", [](const Event& e) -> std::optional<std::string> { return text_of(e, FieldId::tty).value_or("(none)"); }},
    {"terminal", [](const Event& e) { return first(attributes(e, "terminal")); }},
    {"hostname", [](const Event& e) { return first(attributes(e, "audit.hostname")); }},
    {"id", [](const Event& e) { return first(attributes(e, "audit.id")); }},
    {"ip", [](const Event& e) { return first(attributes(e, "audit.ip")); }},
    {"name",
     [](const Event& e) {
       auto other = first(attributes(e, "audit.name"));  // of an AVC record
       return other ? other : text_of(e, FieldId::path);
     }},
    {"inode",
     [](const Event& e) {
       auto main = number_of(e, FieldId::inode);
       return main ? main : first(attributes(e, "audit.inode"));  // of a directory
     }},
    {"acct", [](const Event& e) { return text_of(e, FieldId::target_user); }},
    {"addr", [](const Event& e) { return either(e, FieldId::src_ip, FieldId::dst_ip); }},
    {"port", port_of},
    {"family",
     [](const Event& e) {
       auto attribute = first(attributes(e, "family"));  // of a NETFILTER_CFG record
       return attribute ? attribute : family_of(e);
     }},
    {"path", [](const Event& e) { return either(e, FieldId::socket_path, FieldId::path); }},
    {"socket_addr", [](const Event& e) { return either(e, FieldId::src_ip, FieldId::dst_ip); }},
    {"socket_family", family_of},
    {"socket_port", port_of},
    {"laddr", [](const Event& e) { return text_of(e, FieldId::dst_ip); }},
    {"lport", [](const Event& e) { return number_of(e, FieldId::dst_port); }},
    {"rport", [](const Event& e) { return number_of(e, FieldId::src_port); }},
    {"op", [](const Event& e) { return text_of(e, FieldId::operation); }},
    {"operation", [](const Event& e) { return text_of(e, FieldId::operation); }},
    {"cmd", [](const Event& e) { return text_of(e, FieldId::arguments); }},
    {"unit", [](const Event& e) { return text_of(e, FieldId::service); }},
    {"kernel", [](const Event& e) { return text_of(e, FieldId::kernel); }},
    {"fp",
     [](const Event& e) {
       auto key = text_of(e, FieldId::key_fingerprint);
       return key ? key : first(attributes(e, "fp"));
     }},
    {"argc",
     [](const Event& e) -> std::optional<std::string> { return std::to_string(texts(e, FieldId::args).size()); }},
};

}  // namespace

std::vector<Leaf> leaves(const simdjson::dom::element& element) {
  std::vector<Leaf> out;
  collect(element, "", out);
  return out;
}

std::optional<std::string> reading(const Event& event, std::string_view name) {
  const auto* found = std::ranges::find(kReaders, name, &std::pair<std::string_view, Reader>::first);
  if (found != std::end(kReaders)) return found->second(event);
  for (const std::string_view context : {std::string_view("subj"), std::string_view("obj")}) {
    if (name.starts_with(std::string(context) + "_"))
      return context_part(event, context, name.substr(context.size() + 1));
  }
  return first(attributes(event, name));
}

void Comparison::compare(std::string_view where, std::string_view path, std::string_view theirs,
                         const std::optional<std::string>& ours) {
  ++compared_;
  if (ours == theirs) {
    ++equal_;
    return;
  }
  for (std::size_t i = 0; i < known_.size(); ++i) {
    if (known_[i].where != where || known_[i].path != path) continue;
    used_[i] = true;
    ++explained_;
    return;
  }
  unexplained_.push_back(
      fmt::format("{}: {}: theirs '{}', ours {}", where, path, theirs, ours ? "'" + *ours + "'" : "null"));
}

std::vector<std::string> Comparison::unused() const {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < known_.size(); ++i) {
    if (!used_[i]) out.push_back(fmt::format("{}: {}", known_[i].where, known_[i].path));
  }
  return out;
}

std::string Comparison::summary() const {
  std::string out = fmt::format("{} fields compared: {} equal, {} explained, {} unexplained\n", compared_, equal_,
                                explained_, unexplained_.size());
  for (const std::string& line : unexplained_) out += "  unexplained  " + line + "\n";
  for (const KnownDifference& known : known_)
    out += fmt::format("  explained    {}: {}: {}\n", known.where, known.path, known.reason);
  return out;
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace sightline::audit::testing
