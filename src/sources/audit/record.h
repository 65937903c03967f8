// One line of Linux audit text: its head, and the fields of its body. Nothing is copied: all views point into the line.
//
//   line    := [ prefix ] [ "node=" NAME " " ] "type=" TYPE " " [ "msg=" ] "audit(" SECONDS "." MILLIS ":" SERIAL ")" [
//   ":" ] body body    := { word | field } [ 0x1d enriched ]          (words are free text, e.g. `avc:  denied  { read
//   } for`) field   := KEY "=" value value   := '"' any but '"' '"' | "'" body "'" | "{ … }" | anything but blank
//
// The prefix is what syslog puts before a record it forwards; it ends in a blank.
#pragma once

#include <cstdint>
#include <expected>
#include <string_view>
#include <vector>

#include "sources/audit/keys.h"
#include "sources/audit/names.h"

namespace sightline::audit {

struct RecordHead {
  std::string_view node;  // empty: none given
  std::string_view type_name;
  RecordType type = RecordType::unknown;
  std::int64_t time_ms = 0;  // since 1970, UTC
  std::uint64_t serial = 0;
  std::size_t body_offset = 0;  // into the line
};

struct HeadError {
  std::size_t column = 0;     // from 1
  const char* expected = "";  // what should have stood there
};

// `line` without its line end.
std::expected<RecordHead, HeadError> parse_head(std::string_view line);

struct Field {
  std::string_view key;
  std::string_view value;  // without quotes
  bool quoted = false;     // literal: never hexadecimal, never null
  bool enriched = false;   // from the part after 0x1d
  Key id = Key::other;     // of the key

  Field() = default;
  Field(std::string_view name, std::string_view text, bool is_quoted = false, bool is_enriched = false)
      : Field(find_key(name), name, text, is_quoted, is_enriched) {}
  Field(Key name_id, std::string_view name, std::string_view text, bool is_quoted, bool is_enriched)
      : key(name), value(text), quoted(is_quoted), enriched(is_enriched), id(name_id) {}
};

struct Body {
  std::string_view text;          // free text before the first field
  std::string_view message_text;  // the same of the program's own message, msg='…'
  bool cut = false;               // a quote was never closed, or there were more fields than kMaxFields
};
inline constexpr std::size_t kMaxFields = std::size_t{256} * 1024;  // of one event

// Appends the fields in order, until there are kMaxFields. Never fails: what is not a field is free text.
Body parse_body(std::string_view body, std::vector<Field>& fields);

}  // namespace sightline::audit
