// One line of a detection, `field|modifiers: values`, or keywords, as an expression of the query language.
#pragma once

#include <span>

#include "detect/sigma/field_names.h"
#include "detect/sigma/placeholders.h"
#include "detect/sigma/refusal.h"
#include "query/ast.h"

namespace sightline::detect::sigma {

// How many values a whole detection may come to: each counts as often as a condition asks for it, and with all that its
// modifiers make of it.
class Budget {
 public:
  // Throws Refused where there is no room for as many more.
  void take(std::size_t values, const YamlNode& at);

 private:
  std::size_t taken_ = 0;
};

struct ItemContext {
  const FieldNames& names;
  const Placeholders& placeholders;
  Budget& budget;
};

// Both give checked expressions (query/checker.h), and throw Refused with one of the nodes given.
query::Expr lower_item(const YamlNode& key, const YamlNode& value, const ItemContext& context);

// Any of the words, anywhere in the event. At least one; `at` is the list they stand in.
query::Expr lower_keywords(const YamlNode& at, std::span<const YamlNode* const> words, const ItemContext& context);

}  // namespace sightline::detect::sigma
