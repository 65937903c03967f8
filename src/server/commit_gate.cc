#include "server/commit_gate.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <thread>

namespace sightline::server {

namespace {

// Two bytes of the file are locked, one after the other. Whoever waits for the second has the first: so the committer,
// which asks again right after it left, cannot overtake.
constexpr off_t kTurn = 0;
constexpr off_t kInside = 1;
constexpr std::chrono::milliseconds kPause(1);

bool lock(int descriptor, short type, off_t byte) {
  struct flock range{};
  range.l_type = type;
  range.l_whence = SEEK_SET;
  range.l_start = byte;
  range.l_len = 1;
  return ::fcntl(descriptor, F_OFD_SETLK, &range) == 0;
}

using Deadline = std::chrono::steady_clock::time_point;

bool is_taken() { return errno == EAGAIN || errno == EACCES || errno == EINTR; }

// Where it is false, errno says why; is_taken(): until the deadline.
bool lock_until(int descriptor, short type, off_t byte, Deadline deadline) {
  while (!lock(descriptor, type, byte)) {
    if (!is_taken() || std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(kPause);
  }
  return true;
}

// A file that root made must still open for the server's user, whose directory it is. One with a second name is not
// given away: it may be another's under this name.
bool give_to_owner_of(const std::filesystem::path& directory, int gate) {
  struct stat file{};
  struct stat owner{};
  if (::fstat(gate, &file) != 0 || ::stat(directory.c_str(), &owner) != 0) return false;
  const bool is_given = ::geteuid() != 0 || file.st_uid == owner.st_uid || file.st_uid != 0 || file.st_nlink != 1;
  return is_given || ::fchown(gate, owner.st_uid, owner.st_gid) == 0;
}

}  // namespace

Result<CommitGate> CommitGate::open(const std::filesystem::path& directory) {
  const std::filesystem::path file = directory / "gate";
  Descriptor gate(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!gate.open()) return system_error("cannot open", file);
  if (!give_to_owner_of(directory, gate.number())) return system_error("cannot give to the directory's owner", file);
  return CommitGate(std::move(gate), file);
}

bool CommitGate::pass(std::chrono::milliseconds patience) {
  const Deadline deadline = std::chrono::steady_clock::now() + (gave_up_ ? std::chrono::milliseconds(0) : patience);
  const bool my_turn = lock_until(file_.number(), F_RDLCK, kTurn, deadline);
  gave_up_ = !my_turn || !lock_until(file_.number(), F_RDLCK, kInside, deadline);
  if (my_turn) lock(file_.number(), F_UNLCK, kTurn);
  return !gave_up_;
}

void CommitGate::leave() {
  lock(file_.number(), F_UNLCK, kInside);
  lock(file_.number(), F_UNLCK, kTurn);
}

Result<bool> CommitGate::close(std::chrono::milliseconds patience) {
  const Deadline deadline = std::chrono::steady_clock::now() + patience;
  if (lock_until(file_.number(), F_WRLCK, kTurn, deadline) && lock_until(file_.number(), F_WRLCK, kInside, deadline)) {
    return true;
  }
  Result<bool> closed(false);
  if (!is_taken()) closed = system_error("cannot lock", path_);
  leave();
  return closed;
}

}  // namespace sightline::server
