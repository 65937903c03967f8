// One datagram of the kernel's audit socket, and the line auditd would write of it.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace sightline::agent {

struct AuditMessage {
  std::uint16_t type = 0;
  std::string_view text;  // "audit(1600362902.289:24287): …"; points into the datagram
};

// The datagram, of which the socket delivered `size_bytes` although it may have been longer (`truncated`).
// Errors: what is wrong with it.
std::expected<AuditMessage, std::string> read_datagram(std::string_view datagram, bool truncated);

// Whether it is a record, and not an answer or a question of the kernel's to whoever controls it.
bool is_record(std::uint16_t type);

// Appends "type=SYSCALL msg=audit(…): …" without a line end. Programs may put any bytes into messages of their own
// (they need CAP_AUDIT_WRITE): what would end the line, or begin the part with names that append_names() adds, becomes
// a blank, so that no record can imitate another.
void append_line(std::string& out, const AuditMessage& message);

}  // namespace sightline::agent
