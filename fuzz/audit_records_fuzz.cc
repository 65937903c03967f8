// Datagrams as the kernel's audit socket might deliver them: each costs a byte of type, two of length, and its bytes.
#include <linux/netlink.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string>

#include "agent/kernel_audit/audit_records.h"

namespace {

using namespace sightline;

// Every event is whole lines, and every line is a record.
class Checked final : public agent::Collected {
 public:
  void event(std::string_view bytes, std::int64_t) override {
    if (bytes.empty() || bytes.back() != '\n') std::abort();
    while (!bytes.empty()) {
      if (!bytes.starts_with("type=")) std::abort();
      bytes.remove_prefix(bytes.find('\n') + 1);
      ++lines;
    }
  }
  void lost(agent::Loss loss) override { losses += loss.count.value_or(1); }

  std::size_t lines = 0;
  std::size_t losses = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  agent::AuditRecords records(agent::SerialGaps(),
                              agent::IdNames([](agent::IdNames::Kind, std::uint32_t) { return "somebody"; }));
  Checked checked;
  std::size_t given = 0;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  while (rest.size() >= 3) {
    const std::size_t length = static_cast<std::uint8_t>(rest[1]) * 256U + static_cast<std::uint8_t>(rest[2]);
    const std::uint8_t kind = static_cast<std::uint8_t>(rest[0]);
    rest.remove_prefix(3);
    const std::string_view text = rest.substr(0, length);
    rest.remove_prefix(text.size());
    nlmsghdr header{};
    header.nlmsg_type = static_cast<std::uint16_t>(1100 + kind * 2);
    header.nlmsg_len = static_cast<std::uint32_t>(kind % 7 == 0 ? length : text.size());
    std::string datagram(sizeof header, '\0');
    std::memcpy(datagram.data(), &header, sizeof header);
    datagram += text;
    records.take(datagram, kind == 255, static_cast<std::int64_t>(given), checked);
    if (kind % 16 == 3) records.idle(20, 0, checked);
    ++given;
  }
  records.finish(0, checked);
  // Nothing is lost without being counted, but for attempts that the filter leaves out.
  const bool may_filter =
      std::string_view(reinterpret_cast<const char*>(data), size).find(agent::AttemptFilter::kAbsentKey) !=
      std::string_view::npos;
  if (checked.lines + checked.losses > given) std::abort();
  if (!may_filter && checked.lines + checked.losses != given) std::abort();
  records.take_missing(1'000'000);
  return 0;
}
