#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "event/event.h"
#include "query/testing/random_source.h"

namespace sightline::query::testing {

inline constexpr std::int64_t kRandomNowMs = 1'700'000'000'000;

// Fields, and attribute paths, that random events fill.
std::span<const FieldId> random_fields();
std::span<const std::string> random_paths();

// A text that some event may hold, or nearly so.
std::string random_text(RandomSource& random);
// An address, a near miss of one, in any spelling.
std::string random_address(RandomSource& random);
// The lexeme of a JSON number.
std::string random_number(RandomSource& random);

EventBatch random_events(RandomSource& random, std::size_t count);

}  // namespace sightline::query::testing
