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

bool lock_until(int descriptor, short type, off_t byte, Deadline deadline) {
  while (!lock(descriptor, type, byte)) {
    const bool is_taken = errno == EAGAIN || errno == EACCES || errno == EINTR;
    if (!is_taken || std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(kPause);
  }
  return true;
}

}  // namespace

Result<CommitGate> CommitGate::open(const std::filesystem::path& directory) {
  const std::filesystem::path file = directory / "gate";
  Descriptor gate(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!gate.open()) return system_error("cannot open", file);
  // Made by root, it must still open for the server's user, whose directory it is.
  struct stat owner{};
  if (::geteuid() == 0 && ::stat(directory.c_str(), &owner) == 0) {
    (void)::fchown(gate.number(), owner.st_uid, owner.st_gid);
  }
  return CommitGate(std::move(gate));
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

bool CommitGate::close(std::chrono::milliseconds patience) {
  const Deadline deadline = std::chrono::steady_clock::now() + patience;
  if (lock_until(file_.number(), F_WRLCK, kTurn, deadline) && lock_until(file_.number(), F_WRLCK, kInside, deadline)) {
    return true;
  }
  leave();
  return false;
}

}  // namespace sightline::server
