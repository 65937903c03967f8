#include "agent/kernel_audit/audit_source.h"

#include <limits>
#include <utility>

#include "agent/kernel_audit/audit_cursor.h"

namespace sightline::agent {
namespace {

// What an earlier run of this boot left; of another boot, nothing.
AuditCursor cursor_of(const AuditSource::Options& options) {
  AuditCursor cursor = parse_audit_cursor(options.cursor);
  return cursor.boot_id == options.boot_id ? std::move(cursor) : AuditCursor();
}

SerialGaps gaps_of(const AuditSource::Options& options) {
  const AuditCursor cursor = cursor_of(options);
  return cursor.serials ? SerialGaps(*cursor.serials, steady_now_ms()) : SerialGaps();
}

}  // namespace

AuditSource::AuditSource(AuditSocket socket, Options options, const Clock& clock)
    : socket_(std::move(socket)),
      options_(std::move(options)),
      clock_(clock),
      records_(gaps_of(options_), IdNames()),
      lost_(cursor_of(options_).lost),
      resumed_from_ms_(cursor_of(options_).time_ms),
      handed_on_ms_(resumed_from_ms_),
      accounted_ms_(resumed_from_ms_ != 0 ? resumed_from_ms_ : clock.now_ms()) {}

std::string AuditSource::cursor() const {
  return to_string(AuditCursor{
      .boot_id = options_.boot_id, .serials = records_.handed_on(), .lost = lost_, .time_ms = handed_on_ms_});
}

void AuditSource::lose(Collected& out, LossReason reason, std::uint64_t count, std::int64_t from_ms) {
  out.lost({.source = std::string(name()),
            .reason = reason,
            .count = count,
            .from_ms = from_ms,
            .to_ms = clock_.now_ms(),
            .detail = ""});
}

Result<Source::Progress> AuditSource::collect(Collected& out) {
  if (!socket_) return Progress{};
  const auto received = socket_->receive(
      [&](std::string_view datagram, bool truncated) { records_.take(datagram, truncated, steady_now_ms(), out); });
  if (!received) return std::unexpected(received.error());
  if (received->overrun) lose(out, LossReason::socket_overrun, 1, accounted_ms_);
  if (received->datagrams > 0) handed_on_ms_ = clock_.now_ms();
  account(out);
  return Progress{.any = received->datagrams > 0,
                  .more = received->overrun || received->datagrams == AuditSocket::kMaxAtOnce};
}

void AuditSource::lose_missing(const SerialGaps::Missing& missing, Collected& out) {
  if (missing.before > 0) lose(out, LossReason::not_running, missing.before, resumed_from_ms_);
  if (missing.since > 0) lose(out, LossReason::serial_gap, missing.since, accounted_ms_);
}

void AuditSource::account(Collected& out) {
  const std::int64_t now_ms = steady_now_ms();
  lose_missing(records_.take_missing(now_ms), out);
  if (now_ms - asked_ms_ < kStatusMs && asked_ms_ != 0) return;
  asked_ms_ = now_ms;
  if (const Result<std::uint32_t> lost = options_.lost_records()) {
    // The count may be set back (auditctl --reset-lost); what was lost until then is not known.
    if (lost_ && *lost > *lost_) lose(out, LossReason::kernel_lost, *lost - *lost_, accounted_ms_);
    lost_ = *lost;
  }
  accounted_ms_ = clock_.now_ms();
}

void AuditSource::idle(std::int64_t idle_ms, Collected& out) {
  records_.idle(idle_ms, steady_now_ms(), out);
  account(out);
}

void AuditSource::finish(Collected& out) {
  records_.finish(steady_now_ms(), out);
  account(out);
  // What is still missing will not come to anybody.
  lose_missing(records_.take_missing(std::numeric_limits<std::int64_t>::max()), out);
  // Nobody reads it any more; as owner it would hold back the host's programs once it is full.
  socket_.reset();
}

}  // namespace sightline::agent
