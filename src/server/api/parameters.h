// Values of a request's query, and of the JSON forms that mean the same.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "server/http/message.h"

namespace sightline::api {

// Every error is invalid_input and names the parameter.

// Refuses names that are not among `known`, so that a misspelt filter never widens an answer.
Result<void> check_parameters(const http::Request& request, std::initializer_list<std::string_view> known);

// `fallback` where it is absent; refuses what is not a number from `least` to `most`.
Result<std::uint32_t> number_parameter(const http::Request& request, std::string_view name, std::uint32_t fallback,
                                       std::uint32_t least, std::uint32_t most);
// Where a page of a list goes on: "before", which is `what` (the number of an entry) that the page before ended with;
// absent on the first.
Result<std::optional<std::uint64_t>> before_parameter(const http::Request& request, std::string_view what);
// Decimal digits and nothing else.
std::optional<std::uint64_t> parse_unsigned(std::string_view text);

// A point in time as queries write it: 13 digits, 10 digits, ISO-8601, now-15m. In milliseconds.
Result<std::int64_t> parse_time_ms(std::string_view name, std::string_view text, std::int64_t now_ms);
Result<std::optional<std::int64_t>> time_parameter(const http::Request& request, std::string_view name,
                                                   std::int64_t now_ms);

}  // namespace sightline::api
