#include "server/conflict_alert.h"

#include <fmt/format.h>

#include <span>

namespace sightline::server {

alerts::Alert conflict_alert(const control::Manifest& stored, const Sha256Digest& other_body_hash,
                             const sources::DecodeContext& context) {
  const BatchKey& key = stored.key;
  const Sha256Digest identity =
      Sha256()
          .update_framed(kConflictRuleId)
          .update_framed(key.principal)
          .update_framed(key.source)
          .update_u64(key.epoch)
          .update_u64(key.sequence)
          .update_framed({reinterpret_cast<const char*>(other_body_hash.data()), other_body_hash.size()})
          .finish();
  alerts::Alert alert;
  alert.id = to_hex(std::span(identity).first<16>());
  alert.rule_id = kConflictRuleId;
  alert.title =
      fmt::format("{} sent two different batches as {}/{}/{}: two hosts may be cloned from one image, or share a token",
                  key.principal, key.source, key.epoch, key.sequence);
  alert.severity = 2;
  alert.agent_id = context.agent_id;
  alert.hostname = context.hostname;
  alert.tags = {"sightline.integrity"};
  return alert;
}

}  // namespace sightline::server
