// What the doctor sees without opening a database.
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <optional>
#include <sstream>
#include <system_error>

#include "server/backup/files.h"
#include "server/commands/data_directory.h"
#include "server/commands/doctor.h"
#include "server/commands/size_text.h"

namespace sightline::commands {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kMinFreeBytes = 64ULL << 20;  // below it the server refuses telemetry
constexpr std::uint64_t kScarcePercent = 5;

std::string quoted(const fs::path& path) { return fmt::format("'{}'", path.string()); }

// Walks everything, links left alone; `visit` gets each path with its lstat. Folders that a running server removes
// meanwhile, and those that may not be read, cost themselves alone.
template <class Visit>
void walk(const fs::path& directory, const Visit& visit) {
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end; entry.increment(error)) {
    struct stat status{};
    if (::lstat(entry->path().c_str(), &status) != 0 || S_ISLNK(status.st_mode)) continue;
    visit(entry->path(), status);
    if (S_ISDIR(status.st_mode)) walk(entry->path(), visit);
  }
}

Diagnosis examine_permissions(const fs::path& directory) {
  struct stat top{};
  if (::lstat(directory.c_str(), &top) != 0) return {"permissions", Health::problem, "cannot be read", "run as root"};
  std::uint64_t open = (top.st_mode & 077U) != 0 ? 1 : 0;
  std::uint64_t foreign = 0;
  std::string first = open != 0 ? directory.string() : "";
  walk(directory, [&](const fs::path& path, const struct stat& status) {
    const bool is_open = (status.st_mode & 077U) != 0;
    const bool is_foreign = status.st_uid != top.st_uid;
    if ((is_open || is_foreign) && first.empty()) first = path.string();
    open += is_open ? 1 : 0;
    foreign += is_foreign ? 1 : 0;
  });
  if (foreign > 0) {
    return {"permissions", Health::problem,
            fmt::format("{} files belong to another user than the directory, such as {}", foreign, first),
            fmt::format("chown -R --reference={0} {0}, with the server stopped", quoted(directory))};
  }
  if (open > 0) {
    return {"permissions", Health::problem, fmt::format("others may use {} files, such as {}", open, first),
            fmt::format("chmod -R go-rwx {}", quoted(directory))};
  }
  if (::geteuid() != 0 && ::geteuid() != top.st_uid) {
    return {"permissions", Health::problem, "the directory belongs to another user than the one who asks",
            "run this, and the server, as its owner"};
  }
  return {"permissions", Health::fine, "its owner's alone", ""};
}

// The process that holds a lock on the file, as the kernel lists it: asking for the lock could disturb a server's
// start.
std::optional<long> holder_of(const fs::path& file) {
  struct stat status{};
  if (::stat(file.c_str(), &status) != 0) return std::nullopt;
  const std::string wanted =
      fmt::format("{:02x}:{:02x}:{}", ::major(status.st_dev), ::minor(status.st_dev), status.st_ino);
  std::ifstream locks("/proc/locks");
  for (std::string line; std::getline(locks, line);) {
    std::istringstream words(line);
    std::string number, kind, mode, type, inode;
    long process = 0;
    if (words >> number >> kind >> mode >> type >> process >> inode && kind == "FLOCK" && inode == wanted) {
      return process;
    }
  }
  return std::nullopt;
}

Diagnosis examine_lock(const fs::path& directory) {
  std::string said;
  std::ifstream stream(directory / "lock");
  std::getline(stream, said);
  if (const auto process = holder_of(directory / "lock")) {
    return {"lock", Health::fine,
            fmt::format("in use by {}", said.empty() ? fmt::format("process {}", *process) : said), ""};
  }
  return {"lock", Health::fine, said.empty() ? "not in use" : fmt::format("not in use; the last was {}", said), ""};
}

std::string file_system_name(long type) {
  constexpr std::array<std::pair<long, std::string_view>, 9> kNames = {{{0xef53, "ext4"},
                                                                        {0x58465342, "xfs"},
                                                                        {0x9123683e, "btrfs"},
                                                                        {0x2fc12fc1, "zfs"},
                                                                        {0x01021994, "tmpfs"},
                                                                        {0x6969, "nfs"},
                                                                        {0xff534d42, "cifs"},
                                                                        {0x65735546, "fuse"},
                                                                        {0x794c7630, "overlay"}}};
  for (const auto& [magic, name] : kNames) {
    if (magic == type) return std::string(name);
  }
  return fmt::format("of type {:#x}", type);
}

Diagnosis examine_file_system(const fs::path& directory) {
  struct statfs status{};
  if (::statfs(directory.c_str(), &status) != 0)
    return {"disk", Health::problem, "the file system does not answer", ""};
  const std::string name = file_system_name(static_cast<long>(status.f_type));
  const auto block = static_cast<std::uint64_t>(status.f_bsize);
  const std::uint64_t free = status.f_bavail * block;
  const std::string text = fmt::format("{}, {} of {} free", name, size_text(free), size_text(status.f_blocks * block));
  if (free < kMinFreeBytes)
    return {"disk", Health::problem, text,
            "make space: the server refuses telemetry below 64 MiB, or what --keep-free-mib says"};
  if (status.f_files > 0 && status.f_ffree * 100 < status.f_files * 2) {
    return {"disk", Health::warning, text + ", and nearly no inodes", "make files go: new ones will fail soon"};
  }
  if (name == "tmpfs") return {"disk", Health::problem, text, "use a disk: this is gone after a reboot"};
  if (name == "nfs" || name == "cifs" || name == "fuse" || name == "overlay") {
    return {"disk", Health::warning, text, "use a local disk: locks and fsync may not keep their promise here"};
  }
  if (free * 100 < status.f_blocks * block * kScarcePercent) {
    return {"disk", Health::warning, text, "make space, or see --retain-days and --retain-size of sightlined serve"};
  }
  return {"disk", Health::fine, text, ""};
}

Diagnosis examine_restore(const fs::path& directory) {
  std::error_code error;
  if (!fs::exists(directory / kUnfinishedRestore, error)) return {"restore", Health::fine, "none is unfinished", ""};
  return {"restore", Health::problem, "a restore to this directory was interrupted",
          "remove the directory and restore again; nothing opens it as it is"};
}

// Of backups that were killed, and parts that the engine set aside.
Diagnosis examine_leftovers(const fs::path& directory) {
  std::error_code error;
  std::uint64_t snapshots = 0;
  for (fs::directory_iterator entry(directory / "snapshots", error), end; !error && entry != end;
       entry.increment(error)) {
    const auto lock = backup::lock_directory(entry->path());
    if (lock && lock->open()) ++snapshots;
  }
  std::uint64_t broken = 0;
  std::string first;
  walk(directory / "events", [&](const fs::path& path, const struct stat& status) {
    if (!S_ISDIR(status.st_mode) || !path.filename().string().starts_with("broken")) return;
    if (broken++ == 0) first = path.string();
  });
  if (broken > 0) {
    return {"leftovers", Health::problem,
            fmt::format("the engine set {} damaged parts aside, such as {}", broken, first),
            "run sightlined verify: it names the batches whose events are missing. Restore them from a backup"};
  }
  if (snapshots > 0) {
    return {"leftovers", Health::warning, fmt::format("{} snapshots of backups that were killed", snapshots),
            "the next sightlined backup removes them"};
  }
  return {"leftovers", Health::fine, "none", ""};
}

}  // namespace

std::string_view to_string(Health health) {
  switch (health) {
    case Health::fine:
      return "fine";
    case Health::warning:
      return "warning";
    case Health::problem:
      break;
  }
  return "problem";
}

Diagnoses examine_files(const fs::path& directory) {
  return {examine_permissions(directory), examine_lock(directory), examine_file_system(directory),
          examine_restore(directory), examine_leftovers(directory)};
}

}  // namespace sightline::commands
