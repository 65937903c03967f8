#include "base/log.h"

#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <array>
#include <cmath>
#include <ctime>
#include <mutex>

#include "base/json_text.h"

namespace sightline {

namespace {

constexpr std::array<std::string_view, 5> kLevelNames = {"debug", "info", "warning", "error", "off"};

std::string iso_time(std::int64_t time_ms) {
  const std::time_t seconds = time_ms / 1000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, time_ms % 1000);
}

struct AppendValue {
  std::string& out;
  void operator()(std::int64_t number) const { fmt::format_to(std::back_inserter(out), "{}", number); }
  void operator()(double number) const { out += std::isfinite(number) ? fmt::format("{}", number) : "null"; }
  void operator()(bool truth) const { out += truth ? "true" : "false"; }
  void operator()(std::string_view text) const { append_json_string(out, text); }
};

// Hands finished lines to a function.
class FunctionSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit FunctionSink(Log::Sink receiver) : sink_(std::move(receiver)) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    sink_({message.payload.data(), message.payload.size()});
  }
  void flush_() override {}

 private:
  Log::Sink sink_;
};

}  // namespace

struct Log::Implementation {
  spdlog::logger logger;

  explicit Implementation(spdlog::sink_ptr sink) : logger("sightline", std::move(sink)) {
    logger.set_level(spdlog::level::trace);  // filtered before the line is built
    logger.set_pattern("%v");
    logger.flush_on(spdlog::level::trace);
  }
};

std::string_view to_string(LogLevel level) { return kLevelNames[static_cast<std::size_t>(level)]; }

std::optional<LogLevel> parse_log_level(std::string_view text) {
  for (std::size_t i = 0; i < kLevelNames.size(); ++i) {
    if (kLevelNames[i] == text) return static_cast<LogLevel>(i);
  }
  return std::nullopt;
}

Log::Log(const Clock& clock, LogLevel level)
    : clock_(&clock),
      level_(level),
      implementation_(std::make_unique<Implementation>(std::make_shared<spdlog::sinks::stderr_sink_mt>())) {}

Log::Log(const Clock& clock, LogLevel level, Sink sink)
    : clock_(&clock),
      level_(level),
      implementation_(std::make_unique<Implementation>(std::make_shared<FunctionSink>(std::move(sink)))) {}

Log::~Log() = default;

bool Log::enabled(LogLevel level) const { return level >= level_ && level != LogLevel::off; }

void Log::write(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  if (!enabled(level)) return;
  std::string line = R"({"time":")" + iso_time(clock_->now_ms()) + R"(","level":")";
  line.append(to_string(level)).append(R"(","message":)");
  append_json_string(line, message);
  for (const LogField& field : fields) {
    line += ',';
    append_json_string(line, field.key);
    line += ':';
    std::visit(AppendValue{line}, field.value);
  }
  line += '}';
  implementation_->logger.log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace sightline
