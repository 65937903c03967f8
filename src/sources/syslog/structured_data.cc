#include "sources/syslog/structured_data.h"

namespace sightline::syslog {
namespace {

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

std::string_view take_name(std::string_view& text) {
  const std::string_view name = text.substr(0, text.find_first_of(" =]\""));
  text.remove_prefix(name.size());
  return name;
}

// Up to the quote that ends the value.
bool take_value(std::string_view& text, std::string_view& value) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      value = text.substr(0, i);
      text.remove_prefix(i + 1);
      return true;
    }
  }
  return false;
}

const char* take_element(std::string_view& text, std::vector<Parameter>& parameters) {
  const std::string_view id = take_name(text);
  if (id.empty()) return "the name of a structured element";
  const auto add = [&](std::string_view name, std::string_view value) {
    if (parameters.size() <= kMaxParameters) parameters.push_back({id, name, value});
  };
  if (take(text, ']')) {
    add({}, {});
    return nullptr;
  }
  while (!take(text, ']')) {
    if (!take(text, ' ')) return "a blank or ] in a structured element";
    const std::string_view name = take_name(text);
    if (name.empty() || !take(text, '=') || !take(text, '"')) return "NAME=\"VALUE\" in a structured element";
    std::string_view value;
    if (!take_value(text, value)) return "the quote that ends a value of a structured element";
    add(name, value);
  }
  return nullptr;
}

}  // namespace

const char* take_structured_data(std::string_view& text, std::vector<Parameter>& parameters) {
  if (!text.starts_with('[')) return "structured data ([…]), or -";
  while (take(text, '[')) {
    if (const char* expected = take_element(text, parameters)) return expected;
  }
  return nullptr;
}

std::string_view unescape(std::string_view value, Arena& arena) {
  if (!value.contains('\\')) return value;
  char* begin = arena.allocate(value.size());
  char* end = begin;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const bool escape = value[i] == '\\' && i + 1 < value.size() &&
                        (value[i + 1] == '"' || value[i + 1] == '\\' || value[i + 1] == ']');
    if (escape) ++i;
    *end++ = value[i];
  }
  return {begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace sightline::syslog
