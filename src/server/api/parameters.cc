#include "server/api/parameters.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "query/time_literal.h"

namespace sightline::api {

Result<void> check_parameters(const http::Request& request, std::initializer_list<std::string_view> known) {
  for (const auto& [name, value] : request.query) {
    if (std::ranges::find(known, name) != known.end()) {
      const auto same = [&](const auto& other) { return other.first == name; };
      if (std::ranges::count_if(request.query, same) == 1) continue;
      return fail(ErrorCode::invalid_input, fmt::format("the parameter \"{}\" is given more than once", name));
    }
    const std::string there_are =
        known.size() == 0 ? "there are none" : fmt::format("there are: {}", fmt::join(known, ", "));
    return fail(ErrorCode::invalid_input, fmt::format("unknown parameter \"{}\"; {}", name.substr(0, 100), there_are));
  }
  return {};
}

std::optional<std::uint64_t> parse_unsigned(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Result<std::uint32_t> number_parameter(const http::Request& request, std::string_view name, std::uint32_t fallback,
                                       std::uint32_t least, std::uint32_t most) {
  const auto text = request.query_value(name);
  if (!text) return fallback;
  const auto number = parse_unsigned(*text);
  if (!number || *number < least || *number > most) {
    return fail(ErrorCode::invalid_input, fmt::format("\"{}\" must be a number from {} to {}", name, least, most));
  }
  return static_cast<std::uint32_t>(*number);
}

Result<std::optional<std::uint64_t>> before_parameter(const http::Request& request, std::string_view what) {
  const auto text = request.query_value("before");
  if (!text) return std::nullopt;
  const auto number = parse_unsigned(*text);
  if (!number) return fail(ErrorCode::invalid_input, fmt::format("\"before\" must be {}", what));
  return number;
}

Result<std::int64_t> parse_time_ms(std::string_view name, std::string_view text, std::int64_t now_ms) {
  const auto time = query::parse_time(text, now_ms);
  if (time) return time->begin_ms;
  std::string message = fmt::format("\"{}\": {}", name, time.error().message);
  if (!time.error().hint.empty()) message += fmt::format(" ({})", time.error().hint);
  return fail(ErrorCode::invalid_input, std::move(message));
}

Result<std::optional<std::int64_t>> time_parameter(const http::Request& request, std::string_view name,
                                                   std::int64_t now_ms) {
  const auto text = request.query_value(name);
  if (!text || text->empty()) return std::nullopt;
  const auto time = parse_time_ms(name, *text, now_ms);
  if (!time) return std::unexpected(time.error());
  return *time;
}

}  // namespace sightline::api
