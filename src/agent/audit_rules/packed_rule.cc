#include "agent/audit_rules/packed_rule.h"

#include <libaudit.h>

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace sightline::agent {
namespace {

constexpr std::size_t kHeaderBytes = sizeof(audit_rule_data);
// The last bits of the mask name classes of system calls. The kernel replaces them by the calls of the class.
constexpr std::uint32_t kClassBits = 0xffff0000;

audit_rule_data header_of(std::string_view bytes) {
  audit_rule_data header;
  std::memcpy(&header, bytes.data(), kHeaderBytes);
  return header;
}

bool holds_text(std::uint32_t field) {
  switch (field) {
    case AUDIT_SUBJ_USER:
    case AUDIT_SUBJ_ROLE:
    case AUDIT_SUBJ_TYPE:
    case AUDIT_SUBJ_SEN:
    case AUDIT_SUBJ_CLR:
    case AUDIT_OBJ_USER:
    case AUDIT_OBJ_ROLE:
    case AUDIT_OBJ_TYPE:
    case AUDIT_OBJ_LEV_LOW:
    case AUDIT_OBJ_LEV_HIGH:
    case AUDIT_WATCH:
    case AUDIT_DIR:
    case AUDIT_EXE:
    case AUDIT_FILTERKEY:
      return true;
    default:
      return false;
  }
}

void forget_unused_fields(audit_rule_data& header) {
  for (std::size_t i = header.field_count; i < AUDIT_MAX_FIELDS; ++i) {
    header.fields[i] = header.values[i] = header.fieldflags[i] = 0;
  }
}

}  // namespace

Result<PackedRule> PackedRule::from_bytes(std::string_view bytes) {
  if (bytes.size() < kHeaderBytes) return fail(ErrorCode::invalid_input, "an audit rule is cut short");
  audit_rule_data header = header_of(bytes);
  const std::string_view texts = bytes.substr(kHeaderBytes);
  if (header.field_count > AUDIT_MAX_FIELDS || header.buflen > texts.size()) {
    return fail(ErrorCode::invalid_input, "an audit rule has other sizes than it says");
  }
  std::size_t text_bytes = 0;
  for (std::size_t i = 0; i < header.field_count; ++i) {
    if (holds_text(header.fields[i])) text_bytes += header.values[i];
  }
  if (text_bytes != header.buflen) {
    return fail(ErrorCode::invalid_input, "an audit rule has other sizes than it says");
  }
  PackedRule rule;
  rule.at_front_ = (header.flags & AUDIT_FILTER_PREPEND) != 0;
  header.flags &= ~static_cast<std::uint32_t>(AUDIT_FILTER_PREPEND);
  header.mask[AUDIT_BITMASK_SIZE - 1] &= ~kClassBits;
  forget_unused_fields(header);
  rule.bytes_.assign(reinterpret_cast<const char*>(&header), kHeaderBytes);
  rule.bytes_.append(texts.substr(0, header.buflen));
  return rule;
}

std::string PackedRule::bytes_to_add() const {
  std::string bytes = bytes_;
  if (at_front_) {
    audit_rule_data header = header_of(bytes);
    header.flags |= AUDIT_FILTER_PREPEND;
    std::memcpy(bytes.data(), &header, kHeaderBytes);
  }
  return bytes;
}

std::uint32_t PackedRule::list() const { return header_of(bytes_).flags; }

std::vector<std::string> PackedRule::keys() const {
  std::vector<std::string> keys;
  const audit_rule_data header = header_of(bytes_);
  std::size_t offset = kHeaderBytes;
  for (std::size_t i = 0; i < header.field_count; ++i) {
    if (!holds_text(header.fields[i])) continue;
    std::string_view text = std::string_view(bytes_).substr(offset, header.values[i]);
    offset += header.values[i];
    if (header.fields[i] != AUDIT_FILTERKEY) continue;
    while (true) {
      const std::size_t end = std::min(text.find(static_cast<char>(AUDIT_KEY_SEPARATOR)), text.size());
      keys.emplace_back(text.substr(0, end));
      if (end == text.size()) break;
      text.remove_prefix(end + 1);
    }
  }
  return keys;
}

}  // namespace sightline::agent
