// A detection of Sigma as one expression of the query language.
#pragma once

#include <expected>

#include "detect/sigma/detection_item.h"
#include "detect/sigma/document.h"

namespace sightline::detect::sigma {

// What the condition says of the search identifiers; the log source is not in it. Checked (query/checker.h).
std::expected<query::Expr, Refusal> lower_detection(const Detection& detection, const FieldNames& names,
                                                    const Placeholders& placeholders);

}  // namespace sightline::detect::sigma
