#include "agent/kernel_audit/audit_socket.h"

#include <fmt/format.h>
#include <libaudit.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace sightline::agent {
namespace {

std::unexpected<Error> audit_error(std::string_view what, int number) {
  const ErrorCode code = number == EPERM || number == EACCES ? ErrorCode::permission_denied
                         : number == EEXIST                  ? ErrorCode::conflict
                                                             : ErrorCode::unavailable;
  return fail(code, fmt::format("{}: {}", what, std::strerror(number)));
}

// Asks for that much; what the system allows is enough to go on with.
void set_queue(int descriptor, std::size_t queue_bytes) {
  const int wanted = static_cast<int>(std::min<std::size_t>(queue_bytes, std::size_t{1} << 30U));
  if (setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &wanted, sizeof wanted) != 0) {
    setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &wanted, sizeof wanted);
  }
}

}  // namespace

AuditSocket::AuditSocket(Descriptor descriptor, Mode mode)
    : descriptor_(std::move(descriptor)), mode_(mode), buffers_(kMaxAtOnce * kMaxDatagramBytes) {}

Result<AuditSocket> AuditSocket::open(Mode mode, std::size_t queue_bytes) {
  Descriptor descriptor(socket(PF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_AUDIT));
  if (!descriptor.open()) return audit_error("the kernel has no audit socket", errno);
  set_queue(descriptor.number(), queue_bytes);
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  if (mode == Mode::listener) address.nl_groups = 1U << (AUDIT_NLGRP_READLOG - 1);
  if (bind(descriptor.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return audit_error("listening to the kernel's audit records", errno);
  }
  if (mode == Mode::owner) {
    // Negative, or the number of the request. WAIT_YES would read on after the kernel's answer, and drop a record.
    const int answer = audit_set_pid(descriptor.number(), static_cast<std::uint32_t>(getpid()), WAIT_NO);
    if (answer < 0) return audit_error("becoming the program the kernel delivers audit records to", -answer);
  }
  return AuditSocket(std::move(descriptor), mode);
}

AuditSocket::~AuditSocket() {
  if (descriptor_.open() && mode_ == Mode::owner) audit_set_pid(descriptor_.number(), 0, WAIT_NO);
}

Result<AuditSocket::Received> AuditSocket::receive(const Visit& visit) {
  std::array<mmsghdr, kMaxAtOnce> messages{};
  std::array<iovec, kMaxAtOnce> pieces{};
  std::array<sockaddr_nl, kMaxAtOnce> senders{};
  for (std::size_t i = 0; i < kMaxAtOnce; ++i) {
    pieces[i] = {buffers_.data() + i * kMaxDatagramBytes, kMaxDatagramBytes};
    messages[i].msg_hdr.msg_iov = &pieces[i];
    messages[i].msg_hdr.msg_iovlen = 1;
    messages[i].msg_hdr.msg_name = &senders[i];
    messages[i].msg_hdr.msg_namelen = sizeof senders[i];
  }
  const int count = recvmmsg(descriptor_.number(), messages.data(), kMaxAtOnce, MSG_DONTWAIT, nullptr);
  if (count < 0) {
    if (errno == EAGAIN || errno == EINTR) return Received{};
    if (errno == ENOBUFS) return Received{.datagrams = 0, .overrun = true};
    return audit_error("reading audit records", errno);
  }
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    if (senders[i].nl_pid != 0) continue;  // only the kernel's are records
    const bool truncated = (messages[i].msg_hdr.msg_flags & MSG_TRUNC) != 0;
    visit({buffers_.data() + i * kMaxDatagramBytes, messages[i].msg_len}, truncated);
  }
  return Received{.datagrams = static_cast<std::size_t>(count), .overrun = false};
}

}  // namespace sightline::agent
