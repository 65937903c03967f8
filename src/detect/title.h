// Titles of alerts: text with `{{name}}` where a value of the event goes.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "event/event.h"
#include "query/ast.h"

namespace sightline::detect {

// A title template whose names are resolved. Immutable; thread-safe.
// Every name that a query may use may stand between the braces, and several with `|` between them: the first that the
// event has counts; the last may be a quoted text, for events that have none. Several values of a name are joined by
// ", "; where there is none the title reads "(no NAME)"; control characters become spaces and long values are cut, so a
// title is one short line.
class TitleTemplate {
 public:
  // A run of literal text, or the value of the first name that has one.
  struct Value {
    struct Name {
      std::string name;
      std::vector<query::Target> targets;
    };
    std::vector<Name> names;  // at least one
    std::string otherwise;    // empty: say which name is missing
  };
  using Part = std::variant<std::string, Value>;

  TitleTemplate() = default;
  TitleTemplate(std::string text, std::vector<Part> parts) : text_(std::move(text)), parts_(std::move(parts)) {}

  // As written.
  const std::string& text() const { return text_; }
  const std::vector<Part>& parts() const { return parts_; }
  std::string render(const Event& event) const;

 private:
  std::string text_;
  std::vector<Part> parts_;
};

}  // namespace sightline::detect
