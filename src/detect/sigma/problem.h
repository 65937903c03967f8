// Why a document cannot be taken.
#pragma once

#include <string>

namespace sightline::detect::sigma {

struct Problem {
  std::size_t line = 0;  // from 1
  std::size_t column = 0;
  std::string message;
  std::string hint;  // empty where there is none
};

}  // namespace sightline::detect::sigma
