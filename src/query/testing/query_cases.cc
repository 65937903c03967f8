#include "query/testing/query_cases.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <optional>
#include <stdexcept>

#include "event/decimal.h"
#include "query/lexer.h"
#include "query/string_literal.h"

namespace sightline::query::testing {
namespace {

constexpr std::int64_t kDefaultNowMs = 1'700'000'000'000;

std::string_view trim(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

// The first word, taken off; the rest without blanks around it.
std::string_view take_word(std::string_view& text) {
  const std::string_view word = text.substr(0, text.find(' '));
  text = trim(text.substr(word.size()));
  return word;
}

class CaseReader {
 public:
  explicit CaseReader(const std::filesystem::path& file) {
    cases_.file = file;
    cases_.now_ms = kDefaultNowMs;
  }

  QueryCases read() {
    std::ifstream in(cases_.file);
    if (!in) throw std::runtime_error("cannot read " + cases_.file.string());
    for (std::string line; std::getline(in, line);) {
      ++line_;
      if (trim(line).empty() || line.starts_with('#')) continue;
      if (line.starts_with(' ')) {
        value(trim(line));
      } else {
        directive(line);
      }
    }
    cases_.catalog = SetPathCatalog(paths_);
    return std::move(cases_);
  }

 private:
  [[noreturn]] void broken(std::string_view why) const {
    throw std::runtime_error(fmt::format("{}:{}: {}", cases_.file.string(), line_, why));
  }

  void directive(std::string_view line) {
    const std::string_view word = take_word(line);
    if (word == "now") {
      cases_.now_ms = integer(line);
    } else if (word == "event") {
      begin_event(line);
    } else if (word == "query") {
      cases_.cases.push_back({line_, std::string(line), {}});
    } else if (word == "matches") {
      if (cases_.cases.empty()) broken("matches without a query");
      expect(line);
    } else {
      broken("expected now, event, query or matches");
    }
  }

  void begin_event(std::string_view label) {
    if (std::ranges::find(cases_.labels, label) != cases_.labels.end()) broken("a label twice");
    Event& event = cases_.events.add();
    event.id = make_event_id({"cases", cases_.file.filename().string(), 1, 1}, cases_.labels.size());
    event.event_time_ms = cases_.now_ms;
    event.received_time_ms = cases_.now_ms;
    cases_.labels.emplace_back(label);
  }

  void expect(std::string_view labels) {
    std::vector<std::string>& expected = cases_.cases.back().expected;
    while (!labels.empty()) {
      const std::string_view label = take_word(labels);
      if (label == "none") continue;
      if (std::ranges::find(cases_.labels, label) == cases_.labels.end()) broken("no event of that label");
      expected.emplace_back(label);
    }
  }

  void value(std::string_view line) {
    if (cases_.events.empty()) broken("a value without an event");
    const auto tokens = lex(line);
    if (!tokens || tokens->size() < 2) broken("expected a name and a value");
    const Span span = tokens->front().span;
    std::string_view name = line.substr(span.begin, span.end - span.begin);
    if (tokens->front().kind == TokenKind::quoted_name) name = name.substr(1, name.size() - 2);
    add(name, trim(line.substr(span.end)));
  }

  void add(std::string_view name, std::string_view written) {
    Event& event = cases_.events.events().back();
    const FieldInfo* field = find_field(name);
    const std::optional<std::string_view> text = quoted(written);
    if (field == nullptr) {
      paths_.emplace_back(name);
      const std::optional<std::string> number = text ? std::nullopt : canonical_decimal(written);
      if (!text && !number) broken("expected a text in quotes or a number");
      event.add_attribute(cases_.events.arena().copy(name), text ? Attribute::Kind::text : Attribute::Kind::number,
                          text ? *text : cases_.events.arena().copy(*number));
    } else if (field->id == FieldId::event_time) {
      event.event_time_ms = integer(written);
    } else if (field->id == FieldId::received_time) {
      event.received_time_ms = integer(written);
    } else if (field->type == FieldType::boolean) {
      event.add_boolean(field->id, written == "true");
    } else if (field->type == FieldType::integer) {
      event.add_integer(field->id, integer(written));
    } else if (text && field->type == FieldType::text) {
      event.add_text(field->id, *text);
    } else {
      broken("expected a text in quotes");
    }
  }

  // In the arena of the batch; nullopt where there are no quotes.
  std::optional<std::string_view> quoted(std::string_view written) {
    if (written.size() < 2 || written.front() != '"' || written.back() != '"') return std::nullopt;
    const auto decoded = decode_string(written.substr(1, written.size() - 2), 0);
    if (!decoded) broken(decoded.error().message);
    return cases_.events.arena().copy(*decoded);
  }

  std::int64_t integer(std::string_view written) const {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(written.data(), written.data() + written.size(), value);
    if (error != std::errc() || end != written.data() + written.size()) broken("expected an integer");
    return value;
  }

  QueryCases cases_;
  std::vector<std::string> paths_;
  std::size_t line_ = 0;
};

}  // namespace

QueryCases load_query_cases(const std::filesystem::path& file) { return CaseReader(file).read(); }

std::vector<std::filesystem::path> query_case_files() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(SIGHTLINE_SOURCE_DIR "/tests/queries")) {
    if (entry.path().extension() == ".txt") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

}  // namespace sightline::query::testing
