// The program's log: one JSON object a line, to standard error.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/clock.h"

namespace sightline {

enum class LogLevel : std::uint8_t { debug, info, warning, error, off };

std::string_view to_string(LogLevel level);
std::optional<LogLevel> parse_log_level(std::string_view text);

// A named value of a log line.
struct LogField {
  using Value = std::variant<std::int64_t, double, bool, std::string_view>;

  LogField(std::string_view field_key, std::string_view text) : key(field_key), value(text) {}
  LogField(std::string_view field_key, const char* text) : key(field_key), value(std::string_view(text)) {}
  LogField(std::string_view field_key, const std::string& text) : key(field_key), value(std::string_view(text)) {}
  LogField(std::string_view field_key, bool truth) : key(field_key), value(truth) {}
  LogField(std::string_view field_key, std::integral auto number)
      : key(field_key), value(static_cast<std::int64_t>(number)) {}
  LogField(std::string_view field_key, double number) : key(field_key), value(number) {}

  std::string_view key;
  Value value;
};

// Thread-safe. A line is `{"time":"2026-01-31T12:00:00.000Z","level":"info","message":"…","key":value,…}`; text that is
// not UTF-8 becomes U+FFFD, so a line is always one valid JSON object. The caller keeps secrets out: tokens,
// Authorization headers and query texts never belong in a field.
class Log {
 public:
  using Sink = std::function<void(std::string_view line)>;  // called under a lock, without the line feed

  // To standard error.
  Log(const Clock& clock, LogLevel level);
  // To a function: for tests.
  Log(const Clock& clock, LogLevel level, Sink sink);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  bool enabled(LogLevel level) const;
  void write(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {});

  void debug(std::string_view message, std::initializer_list<LogField> fields = {}) {
    write(LogLevel::debug, message, fields);
  }
  void info(std::string_view message, std::initializer_list<LogField> fields = {}) {
    write(LogLevel::info, message, fields);
  }
  void warning(std::string_view message, std::initializer_list<LogField> fields = {}) {
    write(LogLevel::warning, message, fields);
  }
  void error(std::string_view message, std::initializer_list<LogField> fields = {}) {
    write(LogLevel::error, message, fields);
  }

 private:
  struct Implementation;  // holds the spdlog logger
  const Clock* clock_;
  LogLevel level_;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace sightline
