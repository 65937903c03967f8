#include "sources/journald/json_entry.h"

#include <simdjson.h>

#include <algorithm>

namespace sightline::journald {
namespace {

namespace dom = simdjson::dom;

bool is_byte(const dom::element& element) {
  std::uint64_t number = 0;
  return element.get(number) == simdjson::SUCCESS && number <= 255;
}

class Walk {
 public:
  Walk(Arena& arena, Entry& entry, std::vector<std::string_view>& omitted)
      : arena_(arena), entry_(entry), omitted_(omitted) {}

  void add(std::string_view name, const dom::element& element) {
    if (element.is_null()) return omitted_.push_back(name);
    dom::array array;
    if (element.get(array) != simdjson::SUCCESS) {
      entry_.push_back({name, scalar(element)});
      return;
    }
    if (array.size() > 0 && std::ranges::all_of(array.begin(), array.end(), is_byte)) return add_bytes(name, array);
    for (const dom::element item : array) add_item(name, item);
  }

 private:
  void add_item(std::string_view name, const dom::element& item) {
    dom::array bytes;
    if (item.is_null()) return omitted_.push_back(name);
    if (item.get(bytes) == simdjson::SUCCESS && std::ranges::all_of(bytes.begin(), bytes.end(), is_byte)) {
      return add_bytes(name, bytes);
    }
    entry_.push_back({name, scalar(item)});
  }

  void add_bytes(std::string_view name, const dom::array& array) {
    std::string bytes;
    for (const dom::element item : array) bytes.push_back(static_cast<char>(item.get_uint64().value_unsafe()));
    entry_.push_back({name, arena_.copy(bytes)});
  }

  // What journald does not write is kept as it stands.
  std::string_view scalar(const dom::element& element) {
    std::string_view text;
    if (element.get(text) == simdjson::SUCCESS) return arena_.copy(text);
    return arena_.copy(simdjson::minify(element));
  }

  Arena& arena_;
  Entry& entry_;
  std::vector<std::string_view>& omitted_;
};

}  // namespace

class JsonEntryReader::Parser {
 public:
  dom::parser parser;
};

JsonEntryReader::JsonEntryReader() : parser_(std::make_unique<Parser>()) {}
JsonEntryReader::~JsonEntryReader() = default;

std::optional<std::string> JsonEntryReader::read(std::string_view object, Arena& arena, Entry& entry,
                                                 std::vector<std::string_view>& omitted) {
  dom::object members;
  const simdjson::error_code error = parser_->parser.parse(object.data(), object.size()).get(members);
  if (error == simdjson::INCORRECT_TYPE) return "expected a JSON object";
  if (error != simdjson::SUCCESS) return simdjson::error_message(error);
  Walk walk(arena, entry, omitted);
  for (const auto& member : members) walk.add(arena.copy(member.key), member.value);
  return std::nullopt;
}

}  // namespace sightline::journald
