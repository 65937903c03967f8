// Finds where a JSON value ends in a stream, without parsing it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sightline::sources {

// Follows the grammar of JSON down to strings and brackets, byte by byte; what literals look like is left to the
// parser. A line break ends a string, as JSON does not allow it inside: so a lost quote breaks one line, not the rest
// of the stream. Not thread-safe; copyable.
class JsonScanner {
 public:
  enum class Status : std::uint8_t {
    incomplete,  // everything was scanned, the value goes on
    complete,    // the value ends before `position`
    broken,      // the byte at `position` may not stand there; expected() says what may
    list,        // `position` is behind the '[' that starts the value of list_key in the outermost object
  };

  static constexpr std::size_t kMaxDepth = 1024;

  // Starts with a new value. After Status::list and the end of that array, which the caller reads by other means,
  // scan() may be called again and goes on behind the array.
  void start(std::string_view list_key);

  // Scans `bytes` from `position` on and advances it. As long as it returned incomplete, the next call gets the same
  // bytes with more behind them, or (position 0) only those that follow.
  Status scan(std::string_view bytes, std::size_t& position);

  // After scan() returned broken inside a bracket: looks for the end of the value by brackets and strings alone.
  // broken: brackets do not match, a string is not closed, or a line begins with '{' — likely the next value.
  Status skip(std::string_view bytes, std::size_t& position);

  std::string_view expected() const { return expected_; }
  std::size_t depth() const { return objects_.size(); }

 private:
  enum class State : std::uint8_t {
    value,
    value_or_end,  // behind '['
    key,
    key_or_end,  // behind '{'
    colon,
    after_value,
    string,
    escape,
    scalar,
  };

  Status step(char c, bool& consumed);
  Status begin_value(char c);
  Status begin_key(char c);
  Status after_value(char c);
  Status scan_string(std::string_view bytes, std::size_t& position);
  Status begin_container(bool object);
  Status end_container(bool object);
  Status end_value();
  Status broken(std::string_view expected);
  void note_key(std::string_view part);

  std::vector<bool> objects_;  // the open containers: true for an object
  State state_ = State::value;
  bool is_key_ = false;   // the string being scanned
  char last_ = '\0';      // of skip(): the byte before
  std::string list_key_;  // empty: none
  std::string key_;       // of the outermost object, cut off behind list_key_.size() + 1 bytes
  std::string_view expected_;
};

}  // namespace sightline::sources
