#include "store/clickhouse/literal.h"

namespace sightline::store::clickhouse {
namespace {

bool is_harmless(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ' ' || c == '_' ||
         c == '.' || c == ',' || c == ':' || c == '/' || c == '-' || c == '=' || c == '@';
}

}  // namespace

std::string quote_text(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string sql = "'";
  sql.reserve(bytes.size() + 2);
  for (const char c : bytes) {
    if (is_harmless(c)) {
      sql += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      sql += "\\x";
      sql += kDigits[byte >> 4];
      sql += kDigits[byte & 15];
    }
  }
  sql += '\'';
  return sql;
}

}  // namespace sightline::store::clickhouse
