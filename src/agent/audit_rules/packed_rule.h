// One audit rule as the kernel takes and lists it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace sightline::agent {

// The bytes of a `struct audit_rule_data`, in the form in which the kernel lists the rule: what the kernel changes when
// it takes a rule is changed already, and two rules are equal if the kernel holds them for the same. Whether a rule
// goes to the front of its list is not part of that, it is asked for once and forgotten. A value; threads may share it.
class PackedRule {
 public:
  // Takes what libaudit built or the kernel lists. Errors: invalid_input, where sizes contradict each other.
  static Result<PackedRule> from_bytes(std::string_view bytes);

  // As the kernel lists it; as a request to delete it must be.
  const std::string& bytes() const { return bytes_; }
  // As a request to add it must be.
  std::string bytes_to_add() const;

  bool at_front() const { return at_front_; }
  // Which list: AUDIT_FILTER_EXIT, ….
  std::uint32_t list() const;
  // The keys, in order.
  std::vector<std::string> keys() const;

  friend bool operator==(const PackedRule& a, const PackedRule& b) { return a.bytes_ == b.bytes_; }

 private:
  std::string bytes_;
  bool at_front_ = false;
};

}  // namespace sightline::agent
