// A queue whose senders take turns.
#pragma once

#include <cstddef>
#include <deque>
#include <list>
#include <string>
#include <utility>

#include "event/event.h"

namespace sightline::server {

// Items leave in turns: of each principal one, and of a principal's sources one after the other. The items of one
// source of one principal stay in order. Not thread-safe. Finding a line costs time in the number of lines, which
// admission bounds.
template <class Item>
class FairQueue {
 public:
  void push(const BatchKey& key, Item item) {
    line_of(line_of(principals_, key.principal), key.source).push_back(std::move(item));
  }
  bool empty() const { return principals_.empty(); }
  std::size_t principals() const { return principals_.size(); }
  // The item that pop() takes. Not of an empty queue.
  const Item& front() const { return principals_.front().items.front().items.front(); }
  Item pop() {
    auto& sources = principals_.front().items;
    auto& items = sources.front().items;
    Item item = std::move(items.front());
    items.pop_front();
    turn(sources);
    turn(principals_);
    return item;
  }

 private:
  template <class Items>
  struct Line {
    std::string name;
    Items items;  // never empty between two calls
  };
  using Sources = std::list<Line<std::deque<Item>>>;

  template <class Items>
  static Items& line_of(std::list<Line<Items>>& lines, const std::string& name) {
    for (Line<Items>& line : lines) {
      if (line.name == name) return line.items;
    }
    return lines.emplace_back(Line<Items>{name, {}}).items;
  }
  // The first line goes behind the others, or away.
  template <class Items>
  static void turn(std::list<Line<Items>>& lines) {
    if (lines.front().items.empty()) {
      lines.pop_front();
    } else {
      lines.splice(lines.end(), lines, lines.begin());
    }
  }

  std::list<Line<Sources>> principals_;
};

}  // namespace sightline::server
