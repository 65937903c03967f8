#include "server/api/batch_key.h"

#include <algorithm>

#include "server/api/parameters.h"

namespace sightline::api {

Result<BatchKey> parse_batch_key(std::string_view text, std::string principal) {
  const std::size_t second = text.rfind('/');
  const std::size_t first =
      second == std::string_view::npos || second == 0 ? std::string_view::npos : text.rfind('/', second - 1);
  const auto wrong = [] {
    return fail(ErrorCode::invalid_input,
                "Idempotency-Key must be SOURCE/EPOCH/SEQUENCE, for example web-1/1700000000/42: a name of at most 200 "
                "printable characters and two decimal numbers");
  };
  if (first == std::string_view::npos || first == 0 || first > kMaxSourceBytes) return wrong();
  const std::string_view source = text.substr(0, first);
  const auto epoch = parse_unsigned(text.substr(first + 1, second - first - 1));
  const auto sequence = parse_unsigned(text.substr(second + 1));
  const bool printable = std::ranges::all_of(source, [](char c) { return c > 0x20 && c < 0x7F; });
  if (!epoch || !sequence || !printable) return wrong();
  return BatchKey{std::move(principal), std::string(source), *epoch, *sequence};
}

}  // namespace sightline::api
