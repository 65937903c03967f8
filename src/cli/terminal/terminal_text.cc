#include "cli/terminal/terminal_text.h"

#include <fmt/format.h>
#include <utf8proc.h>

#include <iterator>

namespace sightline::cli {
namespace {

struct Decoded {
  utf8proc_int32_t code_point;  // negative: not UTF-8
  std::size_t size_bytes;       // at least 1
};

Decoded decode_at(std::string_view text, std::size_t at) {
  utf8proc_int32_t code_point = -1;
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data() + at);
  const utf8proc_ssize_t size = utf8proc_iterate(bytes, static_cast<utf8proc_ssize_t>(text.size() - at), &code_point);
  if (size <= 0) return {-1, 1};
  return {code_point, static_cast<std::size_t>(size)};
}

constexpr utf8proc_int32_t kZeroWidthNonJoiner = 0x200C;  // both are part of how words and emoji are written
constexpr utf8proc_int32_t kZeroWidthJoiner = 0x200D;

bool is_control(utf8proc_int32_t code_point) { return code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0); }

// Invisible or misleading, or of unknown width.
bool is_deceptive(utf8proc_int32_t code_point) {
  if (code_point == kZeroWidthJoiner || code_point == kZeroWidthNonJoiner) return false;
  switch (utf8proc_category(code_point)) {
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
      return true;
    default:
      return false;
  }
}

void append_byte_escape(std::string& out, unsigned char byte) {
  switch (byte) {
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", byte);
  }
}

int width_of(utf8proc_int32_t code_point) {
  const int width = utf8proc_charwidth(code_point);
  return width < 0 ? 0 : width;
}

void append_json_escape(std::string& out, utf8proc_int32_t code_point) {
  if (code_point < 0x10000) {
    fmt::format_to(std::back_inserter(out), "\\u{:04x}", code_point);
    return;
  }
  const utf8proc_int32_t offset = code_point - 0x10000;
  fmt::format_to(std::back_inserter(out), "\\u{:04x}\\u{:04x}", 0xD800 + (offset >> 10), 0xDC00 + (offset & 0x3FF));
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const Decoded decoded = decode_at(text, at);
    if (decoded.code_point < 0) {
      append_byte_escape(out, static_cast<unsigned char>(text[at]));
    } else if (is_control(decoded.code_point)) {
      append_byte_escape(out, static_cast<unsigned char>(decoded.code_point));
    } else if (is_deceptive(decoded.code_point)) {
      fmt::format_to(std::back_inserter(out), "\\u{{{:04x}}}", decoded.code_point);
    } else {
      out.append(text, at, decoded.size_bytes);
    }
    at += decoded.size_bytes;
  }
  return out;
}

std::size_t display_width(std::string_view printable_text) {
  std::size_t width = 0;
  for (std::size_t at = 0; at < printable_text.size();) {
    const Decoded decoded = decode_at(printable_text, at);
    width += static_cast<std::size_t>(decoded.code_point < 0 ? 1 : width_of(decoded.code_point));
    at += decoded.size_bytes;
  }
  return width;
}

std::string fit(std::string_view printable_text, std::size_t width) {
  if (display_width(printable_text) <= width) return std::string(printable_text);
  if (width == 0) return {};
  std::size_t used = 0;
  std::size_t grapheme_begin = 0;  // end of what certainly fits
  utf8proc_int32_t previous = 0;
  utf8proc_int32_t state = 0;
  for (std::size_t at = 0; at < printable_text.size();) {
    const Decoded decoded = decode_at(printable_text, at);
    const bool starts_grapheme = at == 0 || utf8proc_grapheme_break_stateful(previous, decoded.code_point, &state);
    if (starts_grapheme) grapheme_begin = at;
    used += static_cast<std::size_t>(width_of(decoded.code_point));
    if (used + 1 > width) break;
    previous = decoded.code_point;
    at += decoded.size_bytes;
  }
  return std::string(printable_text.substr(0, grapheme_begin)) + "…";
}

std::string json_for_terminal(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  for (std::size_t at = 0; at < json.size();) {
    const Decoded decoded = decode_at(json, at);
    const bool is_layout = decoded.code_point == '\n' || decoded.code_point == '\t' || decoded.code_point == '\r';
    if (decoded.code_point < 0) {
      append_json_escape(out, 0xFFFD);
    } else if (!is_layout && (is_control(decoded.code_point) || is_deceptive(decoded.code_point))) {
      append_json_escape(out, decoded.code_point);
    } else {
      out.append(json, at, decoded.size_bytes);
    }
    at += decoded.size_bytes;
  }
  return out;
}

std::string styled(std::string_view text, Style style, bool colour) {
  if (!colour || style == Style::plain) return std::string(text);
  const int code = [style] {
    switch (style) {
      case Style::bold:
        return 1;
      case Style::dim:
        return 2;
      case Style::red:
        return 31;
      case Style::yellow:
        return 33;
      case Style::green:
        return 32;
      case Style::cyan:
        return 36;
      case Style::plain:
        break;
    }
    return 0;
  }();
  return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

}  // namespace sightline::cli
