// What can be told of matching besides the rules that fire.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace sightline::detect {

// Handed to Matcher::match() for one event. Rules are named by their numbers.
struct MatchTrace {
  std::span<const std::atomic<bool>> left_out = {};  // by number: true, it is not looked at; empty: all are
  bool timed = false;                                // cost_ns is wanted

  // Appended to; a rule may come more than once.
  std::vector<std::uint32_t> suppressed = {};  // the filter holds, and so does a suppression
  struct Cost {
    std::uint32_t number = 0;
    std::uint64_t wall_ns = 0;
  };
  // What asking the conditions of each rule took. What rules share is paid by the one that asks first; looking for what
  // wakes rules is nobody's.
  std::vector<Cost> cost_ns = {};

  std::optional<std::uint32_t> trying = {};  // while a rule's conditions are asked: whose fault an exception is
};

}  // namespace sightline::detect
