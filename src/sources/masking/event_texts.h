// The texts of an event as the lists they belong to.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "event/event.h"

namespace sightline::sources {

// Values that follow each other under one name. The views may be replaced while the event's lists do not change.
class TextRun {
 public:
  void clear() { texts_.clear(); }
  void add(std::string_view& text) { texts_.push_back(&text); }
  std::span<std::string_view* const> texts() const { return texts_; }
  // All of them, a space between each two. Valid until the next call with the same `buffer`.
  std::string_view joined(std::string& buffer) const;

 private:
  std::vector<std::string_view*> texts_;
};

// Calls visit(TextRun&) for each run.
template <class Visit>
void for_each_run(Event& event, Visit&& visit) {
  const auto runs_of = [&](auto& values, auto name) {
    TextRun run;  // one for all: no memory is asked for each
    for (std::size_t i = 0; i < values.size();) {
      run.clear();
      const auto first = name(values[i]);
      for (; i < values.size() && name(values[i]) == first; ++i) run.add(values[i].text);
      visit(run);
    }
  };
  runs_of(event.fields(), [](const FieldValue& value) { return value.field; });
  runs_of(event.attributes(), [](const Attribute& attribute) { return attribute.path; });
}

}  // namespace sightline::sources
