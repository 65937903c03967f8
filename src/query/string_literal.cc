#include "query/string_literal.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "base/json_text.h"
#include "query/utf8.h"

namespace sightline::query {
namespace {

class Decoder {
 public:
  Decoder(std::string_view body, std::size_t offset, bool glob) : body_(body), offset_(offset), glob_(glob) {}

  std::expected<std::string, Diagnostic> run() {
    while (position_ < body_.size()) {
      if (body_[position_] != '\\') {
        out_ += body_[position_++];
        continue;
      }
      if (std::optional<Diagnostic> error = escape()) return std::unexpected(std::move(*error));
    }
    return std::move(out_);
  }

 private:
  // A byte that was written as an escape, which in a glob is never a wildcard.
  void append_literal(char c) {
    if (glob_ && (c == '*' || c == '\\')) out_ += '\\';
    out_ += c;
  }

  std::optional<Diagnostic> escape() {
    const char kind = position_ + 1 < body_.size() ? body_[position_ + 1] : '\0';
    switch (kind) {
      case '\\':
      case '"':
      case '\'':
      case '`':
      case '*':
        append_literal(kind);
        break;
      case 'n':
        append_literal('\n');
        break;
      case 'r':
        append_literal('\r');
        break;
      case 't':
        append_literal('\t');
        break;
      case '0':
        append_literal('\0');
        break;
      case 'x':
        return byte_escape();
      case 'u':
        return code_point_escape();
      default:
        return mistake(2, "unknown escape", R"(for a backslash itself write \\)");
    }
    position_ += 2;
    return std::nullopt;
  }

  std::optional<Diagnostic> byte_escape() {
    const std::optional<std::uint32_t> byte = hex(position_ + 2, position_ + 4);
    if (!byte) return mistake(4, "\\x takes two hexadecimal digits", R"(for a backslash itself write \\)");
    append_literal(static_cast<char>(*byte));
    position_ += 4;
    return std::nullopt;
  }

  std::optional<Diagnostic> code_point_escape() {
    const std::size_t end = body_.find('}', position_);
    const bool braced = position_ + 2 < body_.size() && body_[position_ + 2] == '{' && end != std::string_view::npos;
    const std::optional<std::uint32_t> code_point = braced ? hex(position_ + 3, end) : std::nullopt;
    std::string encoded;
    if (!code_point || !append_utf8(encoded, *code_point)) {
      return mistake(2, "\\u takes the number of a Unicode character in braces, as in \\u{1F511}",
                     R"(for a backslash itself write \\)");
    }
    for (const char c : encoded) append_literal(c);
    position_ = end + 1;
    return std::nullopt;
  }

  // The number that all bytes from begin to end spell.
  std::optional<std::uint32_t> hex(std::size_t begin, std::size_t end) const {
    if (end > body_.size() || begin >= end) return std::nullopt;
    std::uint32_t value = 0;
    const auto [stop, error] = std::from_chars(body_.data() + begin, body_.data() + end, value, 16);
    if (error != std::errc() || stop != body_.data() + end) return std::nullopt;
    return value;
  }

  Diagnostic mistake(std::size_t size, std::string message, std::string hint) const {
    const std::size_t begin = offset_ + position_;
    const std::size_t end = offset_ + std::min(position_ + size, body_.size());
    return {{begin, end}, std::move(message), R"(one of \\ \" \' \n \r \t \0 \* \xHH \u{…})", std::move(hint)};
  }

  std::string_view body_;
  std::size_t offset_;
  bool glob_;
  std::size_t position_ = 0;
  std::string out_;
};

// Appends what `text` begins with, escaped where it cannot stand in quotes, and takes it off. Asterisks and backslashes
// are the caller's.
void encode_one(std::string& out, std::string_view& text, char quote) {
  const std::size_t size = utf8_sequence_length(text);
  const char c = text.front();
  if (c == quote) {
    out += '\\';
    out += c;
  } else if (c == '\n') {
    out += "\\n";
  } else if (c == '\r') {
    out += "\\r";
  } else if (c == '\t') {
    out += "\\t";
  } else if (c == '\0') {
    out += "\\0";
  } else if (size == 0 || static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
    fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(c));
  } else {
    out += text.substr(0, size);
  }
  text.remove_prefix(std::max<std::size_t>(size, 1));
}

std::string encode(std::string_view text, char quote) {
  std::string out(1, quote);
  while (!text.empty()) {
    if (text.front() == '\\') {
      out += "\\\\";
      text.remove_prefix(1);
    } else {
      encode_one(out, text, quote);
    }
  }
  out += quote;
  return out;
}

// Whether the quote occurs without a backslash before it.
bool has_unescaped(std::string_view pattern, char quote) {
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\\') {
      ++i;
    } else if (pattern[i] == quote) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::expected<std::string, Diagnostic> decode_string(std::string_view body, std::size_t offset) {
  return Decoder(body, offset, false).run();
}

std::expected<std::string, Diagnostic> decode_glob(std::string_view body, std::size_t offset) {
  return Decoder(body, offset, true).run();
}

bool has_wildcard(std::string_view glob) {
  for (std::size_t i = 0; i < glob.size(); ++i) {
    const bool escapes = glob[i] == '\\' && i + 1 < glob.size() && (glob[i + 1] == '*' || glob[i + 1] == '\\');
    if (escapes) {
      ++i;
    } else if (glob[i] == '*') {
      return true;
    }
  }
  return false;
}

std::string glob_to_text(std::string_view glob) {
  std::string text;
  for (std::size_t i = 0; i < glob.size(); ++i) {
    const bool escapes = glob[i] == '\\' && i + 1 < glob.size() && (glob[i + 1] == '*' || glob[i + 1] == '\\');
    if (escapes) ++i;
    text += glob[i];
  }
  return text;
}

std::string encode_string(std::string_view value) { return encode(value, '"'); }
std::string encode_name(std::string_view name) { return encode(name, '`'); }

std::string encode_glob(std::string_view glob) {
  std::string out = "\"";
  while (!glob.empty()) {
    if (glob.front() == '\\') {
      const bool asterisk = glob.size() > 1 && glob[1] == '*';
      out += asterisk ? "\\*" : "\\\\";
      glob.remove_prefix(asterisk || glob.substr(1).starts_with('\\') ? 2 : 1);
    } else {
      encode_one(out, glob, '"');
    }
  }
  out += '"';
  return out;
}

std::string encode_pattern(std::string_view pattern) {
  const char quote = has_unescaped(pattern, '"') && !has_unescaped(pattern, '\'') ? '\'' : '"';
  std::string out(1, quote);
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\\' && i + 1 < pattern.size()) {
      out += pattern[i++];
    } else if (pattern[i] == quote) {
      out += '\\';  // RE2 takes \" for a plain quote
    }
    out += pattern[i];
  }
  out += quote;
  return out;
}

}  // namespace sightline::query
