// The JSON object in a request's body, member by member.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace sightline::api {

// Members that are null count as absent. Every error is invalid_input and names the member, what was expected, and what
// may stand there. Not thread-safe.
class JsonBody {
 public:
  // `known` names every member that the object may have. An empty text is an empty object.
  static Result<JsonBody> parse(std::string_view text, std::initializer_list<std::string_view> known);
  ~JsonBody();
  JsonBody(JsonBody&&) noexcept;
  JsonBody& operator=(JsonBody&&) noexcept;

  Result<std::optional<std::string>> text(std::string_view name) const;
  Result<std::optional<std::int64_t>> integer(std::string_view name) const;
  Result<std::optional<bool>> boolean(std::string_view name) const;
  Result<std::optional<std::vector<std::string>>> texts(std::string_view name) const;
  // A text, or an integer as its digits: times may be given both ways.
  Result<std::optional<std::string>> text_or_integer(std::string_view name) const;

 private:
  struct Object;
  explicit JsonBody(std::unique_ptr<Object> object);
  std::unique_ptr<Object> object_;
};

}  // namespace sightline::api
