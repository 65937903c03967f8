// Text from telemetry on a terminal: made harmless, measured, cut and padded by what the reader sees.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sightline::cli {

// `text` with everything that could command a terminal or deceive its reader written out: control characters (C0, DEL,
// C1) and bytes that are not UTF-8 as \n, \t, \r or \xNN; bidirectional overrides, invisible format characters, line
// separators and unassigned code points as \u{NNNN}. The result is valid UTF-8 on one line. Backslashes of the text
// stay as they are: it is for reading, NDJSON is for machines.
std::string printable(std::string_view text);

// Terminal cells that printable text takes: East Asian wide characters count 2, combining marks 0.
std::size_t display_width(std::string_view printable_text);

// Printable text cut to `width` cells, the last of them `…` where something was cut; never inside a grapheme.
std::string fit(std::string_view printable_text, std::size_t width);

// JSON text with the characters that printable() would write out, but that JSON allows raw in strings, as \uNNNN.
// It stays the same JSON value. For JSON that goes to a terminal.
std::string json_for_terminal(std::string_view json);

enum class Style { plain, bold, dim, red, yellow, green, cyan };

// `text` wrapped in the escape sequences of a style; unchanged where `colour` is false.
std::string styled(std::string_view text, Style style, bool colour);

}  // namespace sightline::cli
