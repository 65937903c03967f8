#include "agent/host/host_facts.h"

#include <sys/utsname.h>

#include <fstream>
#include <string_view>

namespace sightline::agent {
namespace {

std::string first_line(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  return line;
}

// PRETTY_NAME of os-release, whose values may stand in quotes.
std::string pretty_name(const std::filesystem::path& file) {
  constexpr std::string_view kKey = "PRETTY_NAME=";
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with(kKey)) continue;
    std::string_view value = std::string_view(line).substr(kKey.size());
    if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front()) {
      value = value.substr(1, value.size() - 2);
    }
    return std::string(value);
  }
  return "";
}

}  // namespace

HostFacts read_host_facts(const std::filesystem::path& root) {
  HostFacts facts;
  utsname system{};
  if (uname(&system) == 0) {
    facts.hostname = system.nodename;
    facts.kernel = system.release;
  }
  facts.machine_id = first_line(root / "etc/machine-id");
  facts.boot_id = first_line(root / "proc/sys/kernel/random/boot_id");
  facts.os_version = pretty_name(root / "etc/os-release");
  if (facts.os_version.empty()) facts.os_version = pretty_name(root / "usr/lib/os-release");
  return facts;
}

}  // namespace sightline::agent
