// One line of a detection, `field|modifiers: values`, as an expression of the query language.
#pragma once

#include <expected>
#include <string>

#include "detect/sigma/field_names.h"
#include "detect/sigma/placeholders.h"
#include "detect/yaml/yaml_document.h"
#include "query/ast.h"

namespace sightline::detect::sigma {

// Why a rule cannot be taken, and the node of the document where.
struct Refusal {
  const YamlNode* at = nullptr;
  std::size_t offset = 0;  // in the node's value
  std::string message;
  std::string hint;
  bool missing_field = false;  // the rule is fine, but no source records what it asks for
};

struct ItemContext {
  const FieldNames& names;
  const Placeholders& placeholders;
};

// Checked (query/checker.h): both evaluators take it. `key` and `value` must outlive a Refusal.
std::expected<query::Expr, Refusal> lower_item(const YamlNode& key, const YamlNode& value, const ItemContext& context);

// Words anywhere in the event: any of them, or with `all` every one.
std::expected<query::Expr, Refusal> lower_keywords(const std::vector<const YamlNode*>& words, bool all,
                                                   const ItemContext& context);

}  // namespace sightline::detect::sigma
