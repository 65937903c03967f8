#include "sources/laurel/event_reader.h"

#include <simdjson.h>

#include <algorithm>
#include <charconv>

#include "sources/audit/keys.h"
#include "sources/decoder.h"
#include "sources/json/path_table.h"
#include "sources/laurel/percent.h"

namespace sightline::laurel {

namespace dom = simdjson::dom;
using audit::Field;

namespace {

constexpr std::size_t kMaxRecords = 1024;

// Names in capitals were added by the audit daemon or by LAUREL.
bool is_addition(std::string_view key) {
  return std::ranges::none_of(key, [](char c) { return c >= 'a' && c <= 'z'; });
}

// "1626611363.720:348501"
bool read_id(std::string_view id, audit::RecordHead& head) {
  if (id.contains(')') || id.contains('\n')) return false;
  const std::string line = "type=SYSCALL msg=audit(" + std::string(id) + "):";
  const auto parsed = audit::parse_head(line);
  if (!parsed) return false;
  head.time_ms = parsed->time_ms;
  head.serial = parsed->serial;
  return true;
}

}  // namespace

class EventReader::Parser {
 public:
  dom::parser parser;
};

// Over one object. Where records end is noted by number, as the vector of fields may still move.
class EventReader::Walk {
 public:
  Walk(EventReader& reader, Arena& arena) : reader_(reader), event_(reader.event_), arena_(arena) {}

  bool read(const dom::object& object) {
    bool has_id = false;
    for (const auto& member : object) {
      const std::string_view name = member.key;
      if (name == "ID") {
        std::string_view id;
        has_id = member.value.get(id) == simdjson::SUCCESS && read_id(id, event_.head);
      } else if (name == "NODE") {
        event_.head.node = text_of(member.value);
      } else {
        read_member(arena_.copy(name), member.value);
      }
    }
    return has_id;
  }

 private:
  // A record, a list of records of one type, or something LAUREL added.
  void read_member(std::string_view name, const dom::element& value) {
    const audit::RecordType type = audit::find_record_type(name);
    dom::object object;
    dom::array list;
    if (type == audit::RecordType::unknown) {
      if (name == "PARENT_INFO") event_.parent_exe = member_text(value, "exe");
      if (name == "CONTAINER_INFO") event_.container_id = member_text(value, "id");
      return add(name, value);
    }
    if (value.get(object) == simdjson::SUCCESS) return read_record(name, type, object);
    if (value.get(list) != simdjson::SUCCESS) return add(name, value);
    for (const dom::element item : list) {
      if (item.get(object) == simdjson::SUCCESS) {
        read_record(name, type, object);
      } else {
        add(name, item);
      }
    }
  }

  void read_record(std::string_view name, audit::RecordType type, const dom::object& object) {
    if (event_.records.size() >= kMaxRecords) {
      event_.cut = true;
      return;
    }
    type_ = type;
    name_ = name;
    read_fields(object);
    event_.records.push_back({type, name, {}});
    reader_.field_ends_.push_back(reader_.fields_.size());
  }

  void read_fields(const dom::object& object) {
    for (const auto& member : object) read_field(arena_.copy(member.key), member.value);
  }

  void read_field(std::string_view key, const dom::element& value) {
    dom::array list;
    dom::object object;
    if (value.get(list) == simdjson::SUCCESS) return read_list(key, list);
    if (value.get(object) == simdjson::SUCCESS) {
      if (key == "msg") return read_fields(object);  // of a program's own message
      if (key == "PPID") event_.parent_exe = member_text(value, "exe");
      return add(join(name_, key), value);
    }
    if (key == "ARGV_STR") event_.arguments = text_of(value);
    add_field(key, value);
  }

  void read_list(std::string_view key, const dom::array& list) {
    if (key == "ARGV" && type_ == audit::RecordType::proctitle) return add_title(list);
    std::size_t index = 0;
    const bool arguments = key == "ARGV";
    const bool call = type_ == audit::RecordType::syscall || type_ == audit::RecordType::uringop;
    for (const dom::element item : list) {
      if (!arguments) {
        read_field_of_list(key, item);
      } else if (!call || index < 4) {
        add_field(argument_name(index), item);
      }
      ++index;
    }
  }

  void read_field_of_list(std::string_view key, const dom::element& item) {
    if (item.is_object() || item.is_array()) return add(join(name_, key), item);
    add_field(key, item);
  }

  void add_title(const dom::array& list) {
    std::string title;
    for (const dom::element item : list) {
      if (!title.empty()) title += ' ';
      title += text_of(item);
    }
    push({"proctitle", arena_.copy(title), true, false});
  }

  // In the form of the native record: text as it is, numbers without LAUREL's prefixes.
  void add_field(std::string_view key, const dom::element& value) {
    if (value.is_null()) return;
    std::string_view text = text_of(value);
    const audit::Encoding encoding = audit::key_info(audit::find_key(key)).encoding;
    if (type_ == audit::RecordType::execve && key.starts_with('a') && key != "argc") {
      return push({key, text, true, false});
    }
    if (type_ == audit::RecordType::sockaddr && key == "saddr") return push({key, to_hex_digits(text, arena_)});
    const bool is_text = encoding == audit::Encoding::text && value.is_string();
    if (encoding == audit::Encoding::hex) text = native_number(text);
    push({key, text, is_text, is_addition(key)});
  }

  std::string_view native_number(std::string_view text) {
    if (text.starts_with("0x")) return text.substr(2);
    if (!text.starts_with("0o")) return text;
    return arena_.copy("0" + std::string(text.substr(2)));
  }

  void push(const Field& field) {
    if (reader_.fields_.size() >= audit::kMaxFields) {
      event_.cut = true;
      return;
    }
    reader_.fields_.push_back(field);
  }

  // All that an addition holds.
  void add(std::string_view path, const dom::element& value) {  // NOLINT(misc-no-recursion): bounded by the parser
    dom::array list;
    dom::object object;
    if (value.is_null()) return;
    if (value.get(list) == simdjson::SUCCESS) {
      for (const dom::element item : list) add(path, item);
    } else if (value.get(object) == simdjson::SUCCESS) {
      for (const auto& member : object) add(join(path, member.key), member.value);
    } else if (event_.additions.size() >= sources::kMaxAttributes || path.size() > sources::PathTable::kMaxPathBytes) {
      event_.cut = true;
    } else {
      event_.additions.push_back({path, value.is_int64(), text_of(value)});
    }
  }

  std::string_view join(std::string_view path, std::string_view name) {
    return arena_.copy(std::string(path) + "." + std::string(name));
  }

  std::string_view argument_name(std::size_t index) {
    char name[24] = "a";
    const char* end = std::to_chars(name + 1, name + sizeof name, index).ptr;
    return arena_.copy({name, static_cast<std::size_t>(end - name)});
  }

  static std::string_view raw_text(const dom::element& value) {
    std::string_view text;
    return value.get(text) == simdjson::SUCCESS ? text : std::string_view();
  }

  std::string_view text_of(const dom::element& value) {
    if (value.is_string()) return decode_percent(arena_.copy(raw_text(value)), arena_);
    return arena_.copy(simdjson::minify(value));
  }

  std::string_view member_text(const dom::element& value, std::string_view name) {
    dom::element member;
    return value.at_key(name).get(member) == simdjson::SUCCESS && member.is_string() ? text_of(member)
                                                                                     : std::string_view();
  }

  EventReader& reader_;
  LaurelEvent& event_;
  Arena& arena_;
  audit::RecordType type_ = audit::RecordType::unknown;  // of the record being read
  std::string_view name_;
};

EventReader::EventReader() : parser_(std::make_unique<Parser>()) {}
EventReader::~EventReader() = default;

std::expected<const LaurelEvent*, std::string> EventReader::read(std::string_view object, Arena& arena) {
  dom::object members;
  const simdjson::error_code error = parser_->parser.parse(object.data(), object.size()).get(members);
  if (error == simdjson::INCORRECT_TYPE) return std::unexpected("expected a JSON object");
  if (error != simdjson::SUCCESS) return std::unexpected(std::string(simdjson::error_message(error)));
  event_ = {};
  fields_.clear();
  field_ends_.clear();
  if (!Walk(*this, arena).read(members)) {
    return std::unexpected("expected an ID such as \"1626611363.720:348501\" in the object");
  }
  if (event_.records.empty())
    return std::unexpected("expected at least one audit record (SYSCALL, PATH, …) in the object");
  std::size_t begin = 0;
  for (std::size_t i = 0; i < event_.records.size(); ++i) {
    event_.records[i].fields = std::span(fields_).subspan(begin, field_ends_[i] - begin);
    begin = field_ends_[i];
  }
  return &event_;
}

}  // namespace sightline::laurel
