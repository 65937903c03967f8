#include "server/api/json_members.h"

#include <boost/json/basic_parser_impl.hpp>
#include <set>

namespace sightline::api {

namespace {

namespace json = boost::json;
using Code = boost::system::error_code;

// Collects the names of the outermost object. The rest of the interface is what the parser calls.
struct Names {
  static constexpr std::size_t max_object_size = SIZE_MAX;
  static constexpr std::size_t max_array_size = SIZE_MAX;
  static constexpr std::size_t max_key_size = SIZE_MAX;
  static constexpr std::size_t max_string_size = SIZE_MAX;

  std::set<std::string> names;
  std::optional<std::string> twice;
  std::string name;
  std::size_t depth = 0;

  bool on_key_part(json::string_view part, std::size_t, Code&) {
    if (depth == 1) name.append(part.data(), part.size());
    return true;
  }
  bool on_key(json::string_view part, std::size_t, Code&) {
    if (depth != 1) return true;
    name.append(part.data(), part.size());
    if (!names.insert(name).second) twice = name;
    name.clear();
    return true;
  }
  bool on_object_begin(Code&) { return ++depth > 0; }
  bool on_object_end(std::size_t, Code&) { return depth-- > 0; }
  bool on_array_begin(Code&) { return ++depth > 0; }
  bool on_array_end(std::size_t, Code&) { return depth-- > 0; }

  bool on_document_begin(Code&) { return true; }
  bool on_document_end(Code&) { return true; }
  bool on_string_part(json::string_view, std::size_t, Code&) { return true; }
  bool on_string(json::string_view, std::size_t, Code&) { return true; }
  bool on_number_part(json::string_view, Code&) { return true; }
  bool on_int64(std::int64_t, json::string_view, Code&) { return true; }
  bool on_uint64(std::uint64_t, json::string_view, Code&) { return true; }
  bool on_double(double, json::string_view, Code&) { return true; }
  bool on_bool(bool, Code&) { return true; }
  bool on_null(Code&) { return true; }
  bool on_comment_part(json::string_view, Code&) { return true; }
  bool on_comment(json::string_view, Code&) { return true; }
};

}  // namespace

std::optional<std::string> member_given_twice(std::string_view json_text) {
  json::basic_parser<Names> parser{json::parse_options{}};
  Code error;
  parser.write_some(false, json_text.data(), json_text.size(), error);
  return parser.handler().twice;
}

}  // namespace sightline::api
