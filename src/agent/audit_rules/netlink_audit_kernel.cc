#include "agent/audit_rules/netlink_audit_kernel.h"

#include <fmt/format.h>
#include <libaudit.h>
#include <linux/netlink.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace sightline::agent {
namespace {

// A rule has up to 63 texts of 4096 bytes.
constexpr std::size_t kBufferBytes = std::size_t{512} << 10;

std::unexpected<Error> audit_error(std::string_view what, int error_number) {
  const std::string reason = std::error_code(error_number, std::generic_category()).message();
  switch (error_number) {
    case EPERM:
      return fail(
          ErrorCode::permission_denied,
          fmt::format("{}: the kernel does not allow it: CAP_AUDIT_CONTROL on the host itself is needed, and no "
                      "immutable mode",
                      what));
    case ECONNREFUSED:
    case EPROTONOSUPPORT:
    case EAFNOSUPPORT:
      return fail(ErrorCode::unavailable, fmt::format("{}: there is no audit in this kernel or container", what));
    default:
      return fail(ErrorCode::unavailable, fmt::format("{}: {}", what, reason));
  }
}

template <class T>
std::string_view bytes_of(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof(value)};
}

// A later kernel may send more and an earlier one less than this program knows.
template <class T>
T value_of(std::string_view bytes) {
  T value{};
  std::memcpy(&value, bytes.data(), std::min(bytes.size(), sizeof(value)));
  return value;
}

int error_of(std::string_view payload) { return -value_of<std::int32_t>(payload); }

}  // namespace

Result<std::unique_ptr<NetlinkAuditKernel>> NetlinkAuditKernel::open(std::chrono::milliseconds timeout) {
  Descriptor socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT));
  if (!socket.open()) return audit_error("cannot open an audit socket", errno);
  return std::unique_ptr<NetlinkAuditKernel>(new NetlinkAuditKernel(std::move(socket), timeout));
}

NetlinkAuditKernel::NetlinkAuditKernel(Descriptor socket, std::chrono::milliseconds timeout)
    : socket_(std::move(socket)), timeout_(timeout), buffer_(kBufferBytes, '\0') {}

Result<void> NetlinkAuditKernel::send(std::uint16_t type, std::uint16_t flags, std::string_view payload) {
  nlmsghdr header{};
  header.nlmsg_len = static_cast<std::uint32_t>(NLMSG_LENGTH(payload.size()));
  header.nlmsg_type = type;
  header.nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
  header.nlmsg_seq = ++sequence_;
  std::string request(bytes_of(header));
  request.append(payload);
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  ssize_t sent = -1;
  do {
    sent = ::sendto(socket_.number(), request.data(), request.size(), 0, reinterpret_cast<const sockaddr*>(&kernel),
                    sizeof(kernel));
  } while (sent < 0 && errno == EINTR);
  if (sent < 0) return audit_error("cannot ask the kernel", errno);
  return {};
}

Result<NetlinkAuditKernel::Message> NetlinkAuditKernel::receive(Deadline deadline) {
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd ready{socket_.number(), POLLIN, 0};
    const int count = left.count() > 0 ? ::poll(&ready, 1, static_cast<int>(left.count())) : 0;
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return fail(ErrorCode::timeout, "the kernel's audit subsystem does not answer");
    sockaddr_nl sender{};
    socklen_t sender_size = sizeof(sender);
    const ssize_t size = ::recvfrom(socket_.number(), buffer_.data(), buffer_.size(), MSG_DONTWAIT | MSG_TRUNC,
                                    reinterpret_cast<sockaddr*>(&sender), &sender_size);
    if (size < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (size < 0) return audit_error("cannot read the kernel's answer", errno);
    if (sender.nl_pid != 0) continue;  // not from the kernel
    const auto bytes = static_cast<std::size_t>(size);
    if (bytes > buffer_.size() || bytes < sizeof(nlmsghdr)) {
      return fail(ErrorCode::unavailable, "the kernel's answer has an unknown form");
    }
    const auto header = value_of<nlmsghdr>({buffer_.data(), bytes});
    if (header.nlmsg_seq != sequence_) continue;  // of a request that ran out of time
    const std::string_view whole(buffer_.data(), bytes);
    return Message{header.nlmsg_type, whole.substr(NLMSG_HDRLEN)};
  }
}

Result<int> NetlinkAuditKernel::change(std::uint16_t type, std::string_view payload) {
  if (auto sent = send(type, NLM_F_ACK, payload); !sent) return std::unexpected(std::move(sent.error()));
  const Deadline until = deadline();
  while (true) {
    const auto message = receive(until);
    if (!message) return std::unexpected(message.error());
    if (message->type == NLMSG_ERROR) return error_of(message->payload);
  }
}

Result<AuditStatus> NetlinkAuditKernel::status() {
  if (auto sent = send(AUDIT_GET, 0, {}); !sent) return std::unexpected(std::move(sent.error()));
  const Deadline until = deadline();
  while (true) {
    const auto message = receive(until);
    if (!message) return std::unexpected(message.error());
    if (message->type == NLMSG_ERROR && error_of(message->payload) != 0) {
      return audit_error("cannot read the state of audit", error_of(message->payload));
    }
    if (message->type != AUDIT_GET) continue;
    const auto status = value_of<audit_status>(message->payload);
    return AuditStatus{.enabled = status.enabled,
                       .failure = status.failure,
                       .pid = status.pid,
                       .rate_limit = status.rate_limit,
                       .backlog_limit = status.backlog_limit,
                       .lost = status.lost,
                       .backlog = status.backlog,
                       .backlog_wait_time = status.backlog_wait_time,
                       .backlog_wait_time_actual = status.backlog_wait_time_actual};
  }
}

Result<void> NetlinkAuditKernel::set(AuditSetting setting, std::uint32_t value) {
  audit_status status{};
  switch (setting) {
    case AuditSetting::enabled:
      status.mask = AUDIT_STATUS_ENABLED;
      status.enabled = value;
      break;
    case AuditSetting::failure:
      status.mask = AUDIT_STATUS_FAILURE;
      status.failure = value;
      break;
    case AuditSetting::rate_limit:
      status.mask = AUDIT_STATUS_RATE_LIMIT;
      status.rate_limit = value;
      break;
    case AuditSetting::backlog_limit:
      status.mask = AUDIT_STATUS_BACKLOG_LIMIT;
      status.backlog_limit = value;
      break;
    case AuditSetting::backlog_wait_time:
      status.mask = AUDIT_STATUS_BACKLOG_WAIT_TIME;
      status.backlog_wait_time = value;
      break;
  }
  const auto error_number = change(AUDIT_SET, bytes_of(status));
  if (!error_number) return std::unexpected(error_number.error());
  if (*error_number != 0) return audit_error("cannot change a setting of audit", *error_number);
  return {};
}

Result<std::vector<PackedRule>> NetlinkAuditKernel::rules() {
  if (auto sent = send(AUDIT_LIST_RULES, 0, {}); !sent) return std::unexpected(std::move(sent.error()));
  const Deadline until = deadline();
  std::vector<PackedRule> rules;
  while (true) {
    const auto message = receive(until);
    if (!message) return std::unexpected(message.error());
    if (message->type == NLMSG_DONE) return rules;
    if (message->type == NLMSG_ERROR && error_of(message->payload) != 0) {
      return audit_error("cannot list the audit rules", error_of(message->payload));
    }
    if (message->type != AUDIT_LIST_RULES) continue;
    auto rule = PackedRule::from_bytes(message->payload);
    if (!rule) return fail(ErrorCode::unavailable, "the kernel lists what is not understood: " + rule.error().message);
    rules.push_back(std::move(*rule));
  }
}

Result<AuditAddition> NetlinkAuditKernel::add(const PackedRule& rule) {
  const auto error_number = change(AUDIT_ADD_RULE, rule.bytes_to_add());
  if (!error_number) return std::unexpected(error_number.error());
  if (*error_number == EPERM) return audit_error("cannot add an audit rule", EPERM);
  return AuditAddition{*error_number};
}

Result<bool> NetlinkAuditKernel::remove(const PackedRule& rule) {
  const auto error_number = change(AUDIT_DEL_RULE, rule.bytes());
  if (!error_number) return std::unexpected(error_number.error());
  if (*error_number == ENOENT) return false;
  if (*error_number != 0) return audit_error("cannot remove an audit rule", *error_number);
  return true;
}

}  // namespace sightline::agent
