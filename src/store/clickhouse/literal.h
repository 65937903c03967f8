// The only way by which text from outside reaches SQL.
#pragma once

#include <string>
#include <string_view>

namespace sightline::store::clickhouse {

// A SQL string literal of exactly these bytes. Everything but letters, digits and a few harmless signs is written as
// \xHH, so no byte of `bytes` can end the literal or start an escape.
std::string quote_text(std::string_view bytes);

}  // namespace sightline::store::clickhouse
