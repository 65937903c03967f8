// What is wrong with a data directory, in plain words.
#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace sightline::commands {

enum class Health : std::uint8_t { fine, warning, problem };
std::string_view to_string(Health health);

struct Diagnosis {
  std::string check;  // a fixed name: "permissions", "lock", …
  Health health = Health::fine;
  std::string text;    // what is there
  std::string advice;  // what to do; empty where it is fine
};

struct DoctorOptions {
  std::filesystem::path directory;        // exists
  std::filesystem::path tls_certificate;  // empty: not looked at
  std::filesystem::path tls_key;
};

using Diagnoses = std::vector<Diagnosis>;

// Each changes nothing that is kept, beside a running server, too.

// Owner and permissions, the lock, the file system, leftovers of what was interrupted.
Diagnoses examine_files(const std::filesystem::path& directory);
// Both databases, from links to their files: versions, damage, chain ends, clock.
Diagnoses examine_data(const std::filesystem::path& directory, const Clock& clock, const std::stop_token& stop);
Diagnoses examine_tls(const DoctorOptions& options, const Clock& clock);

}  // namespace sightline::commands
