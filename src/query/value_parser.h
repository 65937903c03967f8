// Reads the values that stand right of an operator. The grammar stands above the parser.
#pragma once

#include <cstdint>
#include <expected>

#include "query/ast.h"
#include "query/diagnostic.h"
#include "query/token_reader.h"

namespace sightline::query {

// How the text between quotes is taken: which escapes it has, and what they become.
enum class Notation : std::uint8_t { string, glob, pattern };

// A value, taken off the reader.
std::expected<Literal, Diagnostic> read_value(TokenReader& reader, Notation notation);

// `token` is of kind string or bare.
std::expected<Literal, Diagnostic> read_literal(const TokenReader& reader, const Token& token, Notation notation);

}  // namespace sightline::query
