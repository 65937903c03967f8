// SQL that gets at the values of fields and attributes in their columns.
#pragma once

#include <string>
#include <string_view>

#include "event/event.h"
#include "query/ast.h"
#include "store/clickhouse/schema.h"

namespace sightline::store::clickhouse {

// Condition that the event is one of these.
std::string has_id(std::span<const EventId> ids);

// That the text in a dictionary, text or packed_text column is not null and satisfies a comparison. Avoids taking the
// stored form apart where the answer is the same without.
std::string stored_text_condition(const FieldColumn& column, query::Comparator comparator, bool ignore_case,
                                  std::string_view operand);

// Whether the text could be a part of a UUID, which is what packed_text columns have mostly.
bool could_be_in_uuid(query::Comparator comparator, bool ignore_case, std::string_view operand);

// The value of a stored form that is not packed; '' where it is null.
std::string without_escape(std::string_view form);

// The value itself of a dictionary, text or packed_text column; '' where it is null.
std::string text_of(const FieldColumn& column);

// The values of the field in the column of extra values: an array of texts.
std::string extra_values(const FieldColumn& column);

// That the field's column has something.
std::string is_filled(const FieldColumn& column);

std::string field_is_null(const Content& content, FieldId field);

// That an attribute of that path and kind has a value `x` that satisfies `condition`. `in_words`: whether a value in
// the column `words` may satisfy it.
std::string attribute_condition(const Content& content, std::string_view path, Attribute::Kind kind,
                                const std::string& condition, bool in_words = true);

// The values of a FieldRef as sorting and grouping use them.
struct ValueKey {
  bool integer = false;        // Nullable(Int64); otherwise text in stored form without packing, '' is null
  bool numbers_first = false;  // texts that are numbers in plain digits come before all others, by value
  std::string scalar;          // an expression; empty where an event may have several values
  std::string array;           // otherwise: an array of them, without nulls

  bool is_null() const { return !integer && array.empty() && scalar == "''"; }  // of every event
};
ValueKey value_key(const Content& content, const query::FieldRef& field);

// The same of its numbers alone, or of its texts: integer and time fields hold numbers, text and boolean fields texts,
// attributes either. Numbers that are not all integers are canonical decimals.
ValueKey value_key(const Content& content, const query::FieldRef& field, Attribute::Kind kind);

// An array of the values, without nulls.
std::string as_array(const ValueKey& key);

// What a value `expression` of the key is ordered by. The order must not depend on what the store has seen, so it hangs
// on the targets of the name alone.
std::string order_value(const ValueKey& key, std::string_view expression);

}  // namespace sightline::store::clickhouse
