#include "agent/kernel_audit/audit_records.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "agent/kernel_audit/audit_message.h"

namespace sightline::agent {
namespace {

// An event of which the end was seen waits that long for records that were overtaken, any other for more to come.
constexpr std::int64_t kEndedMs = 20;
constexpr std::int64_t kOpenMs = 2000;

// Records with the ids of whoever did something; files' owners stay numbers.
bool has_ids(audit::RecordType type) {
  using enum audit::RecordType;
  constexpr auto kAbnormalEnd = static_cast<audit::RecordType>(1701);
  constexpr auto kFirstKernelType = static_cast<std::uint16_t>(syscall);
  constexpr std::uint16_t kFirstSecurityModuleType = 1400;
  const auto number = static_cast<std::uint16_t>(type);
  if (number < kFirstKernelType || number >= kFirstSecurityModuleType) return true;
  return type == syscall || type == config_change || type == seccomp || type == kern_module || type == obj_pid ||
         type == uringop || type == kAbnormalEnd;
}

void lose(Collected& out, LossReason reason, std::string detail) {
  out.lost({.source = "", .reason = reason, .count = 1, .from_ms = 0, .to_ms = 0, .detail = std::move(detail)});
}

}  // namespace

void AuditRecords::take(std::string_view datagram, bool truncated, std::int64_t now_ms, Collected& out) {
  const auto message = read_datagram(datagram, truncated);
  if (!message) return lose(out, LossReason::unreadable, message.error());
  if (!is_record(message->type)) return;
  line_.clear();
  append_line(line_, *message);
  const auto head = audit::parse_head(line_);
  if (!head) {
    return lose(out, LossReason::unreadable,
                fmt::format("column {}: expected {}", head.error().column, head.error().expected));
  }
  add(*head, now_ms);
  hand_on(now_ms, out);
}

void AuditRecords::add(const audit::RecordHead& head, std::int64_t now_ms) {
  gaps_.saw(static_cast<std::uint32_t>(head.serial), now_ms);
  const auto type_offset = static_cast<std::size_t>(head.type_name.data() - line_.data());
  const std::size_t type_size = head.type_name.size();
  if (has_ids(head.type)) names_.append_names(line_, head.body_offset, now_ms);
  line_ += '\n';
  audit::RecordHead whole = head;
  whole.type_name = std::string_view(line_).substr(type_offset, type_size);  // the line may have moved
  coalescer_.add(whole, line_);
}

void AuditRecords::hand_on(std::int64_t now_ms, Collected& out) {
  using enum AttemptFilter::Verdict;
  while (const audit::OpenEvent* event = coalescer_.next_closed()) {
    const AttemptFilter::Verdict verdict = filter_.judge(event->lines, now_ms);
    if (verdict == keep) out.event(event->lines, event->time_ms);
    if (verdict == over_budget) lose(out, LossReason::over_budget, "attempts to open credentials that are not there");
  }
}

std::optional<SerialState> AuditRecords::handed_on() const {
  std::optional<SerialState> state = gaps_.state();
  if (!state) return std::nullopt;
  for (const std::uint64_t serial : coalescer_.open_serials()) {
    const auto number = static_cast<std::uint32_t>(serial);
    state->absent.emplace_back(number, number);
  }
  // By their distance to the newest: the numbers may have begun again.
  std::ranges::sort(state->absent, std::greater(), [&](const auto& run) { return state->newest - run.first; });
  return state;
}

void AuditRecords::idle(std::int64_t idle_ms, std::int64_t now_ms, Collected& out) {
  if (idle_ms >= kEndedMs) coalescer_.close_ended();
  if (idle_ms >= kOpenMs) coalescer_.close_all();
  hand_on(now_ms, out);
}

void AuditRecords::finish(std::int64_t now_ms, Collected& out) {
  coalescer_.close_all();
  hand_on(now_ms, out);
}

}  // namespace sightline::agent
