// What the host says of itself.
#pragma once

#include <filesystem>
#include <string>

namespace sightline::agent {

// Empty where the host does not say.
struct HostFacts {
  std::string hostname;
  std::string machine_id;  // of this installation
  std::string boot_id;     // of this run of the kernel
  std::string kernel;      // its release
  std::string os_version;  // "Debian GNU/Linux 12 (bookworm)"
};

// `root`: where etc and proc are, "/" but for tests; the names of host and kernel are always the system's.
HostFacts read_host_facts(const std::filesystem::path& root = "/");

}  // namespace sightline::agent
