#include "agent/kernel_audit/audit_message.h"

#include <fmt/format.h>
#include <linux/audit.h>
#include <linux/netlink.h>

#include <algorithm>
#include <cstring>

#include "sources/audit/names.h"

namespace sightline::agent {

std::expected<AuditMessage, std::string> read_datagram(std::string_view datagram, bool truncated) {
  nlmsghdr header{};
  if (datagram.size() < sizeof header) {
    return std::unexpected(fmt::format("{} bytes are less than a header", datagram.size()));
  }
  std::memcpy(&header, datagram.data(), sizeof header);
  if (truncated) return std::unexpected(fmt::format("longer than the {} bytes taken", datagram.size()));
  std::string_view text = datagram.substr(sizeof header);
  // To its one owner the kernel gives the length without the header, to listeners with it; to both padded to 4 bytes.
  const std::size_t stated =
      header.nlmsg_len > text.size() + NLMSG_ALIGNTO - 1 ? header.nlmsg_len - sizeof header : header.nlmsg_len;
  if (stated > text.size()) {
    return std::unexpected(fmt::format("{} bytes, where its header says {}", text.size(), stated));
  }
  while (text.ends_with('\0') || text.ends_with('\n')) text.remove_suffix(1);
  return AuditMessage{header.nlmsg_type, text};
}

bool is_record(std::uint16_t type) {
  return type == AUDIT_LOGIN || type == AUDIT_USER || (type >= AUDIT_FIRST_USER_MSG && type != AUDIT_REPLACE);
}

void append_line(std::string& out, const AuditMessage& message) {
  out += "type=";
  const std::string_view name = audit::record_type_name(static_cast<audit::RecordType>(message.type));
  if (name.empty()) {
    fmt::format_to(std::back_inserter(out), "UNKNOWN[{}]", message.type);
  } else {
    out += name;
  }
  out += " msg=";
  const std::size_t start = out.size();
  out += message.text;
  constexpr char kNamesFollow = 0x1D;
  const auto breaks_line = [](char c) { return c == '\n' || c == '\r' || c == '\0' || c == kNamesFollow; };
  std::replace_if(out.begin() + static_cast<std::ptrdiff_t>(start), out.end(), breaks_line, ' ');
}

}  // namespace sightline::agent
