// Why a rule of Sigma cannot be taken.
#pragma once

#include <cstddef>
#include <string>
#include <utility>

#include "detect/yaml/yaml_document.h"

namespace sightline::detect::sigma {

struct Refusal {
  const YamlNode* at = nullptr;  // the node of the document where
  std::size_t offset = 0;        // in the node's value
  std::string message;
  std::string hint;
  bool missing_field = false;  // the rule is fine, but no source records what it asks for
};

// Thrown within this folder; lower_detection catches it.
struct Refused {
  Refusal refusal;
};

[[noreturn]] inline void refuse(const YamlNode& at, std::string message, std::string hint = {},
                                std::size_t offset = 0) {
  throw Refused{{&at, offset, std::move(message), std::move(hint), false}};
}

}  // namespace sightline::detect::sigma
