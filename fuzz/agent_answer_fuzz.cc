// What a server, or something in its place, may answer to an agent's batch.
#include <cstdlib>
#include <string>

#include "agent/deliver/answer.h"
#include "agent/kernel_audit/audit_cursor.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sightline;
  if (size < 2) return 0;
  HttpResponse response;
  response.status = data[0] * 256 + data[1];
  response.body.assign(reinterpret_cast<const char*>(data) + 2, size - 2);
  const agent::Verdict verdict = agent::read_answer(response);
  if (verdict.kind == agent::Verdict::Kind::stored && response.status != 200) std::abort();
  if (verdict.reason.size() > 1000) std::abort();
  // The other text that comes back from outside: what lies in a spool.
  const agent::AuditCursor cursor = agent::parse_audit_cursor(response.body);
  if (cursor.boot_id.find(' ') == std::string::npos && cursor.serials &&
      cursor.serials->absent.size() <= agent::kMaxAbsentRuns &&
      agent::parse_audit_cursor(agent::to_string(cursor)) != cursor) {
    std::abort();
  }
  return 0;
}
