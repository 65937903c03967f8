#include "cli/terminal/command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <fstream>
#include <optional>
#include <ostream>
#include <set>

#include "cli/terminal/terminal_text.h"

namespace sightline::cli {

struct Command::State {
  std::unique_ptr<CLI::App> owned;  // of the program only
  CLI::App* app = nullptr;
  CLI::Option* last = nullptr;
  std::string group = "Options";
  std::shared_ptr<std::string> config;  // the file of options; nullptr: it has none
  std::vector<std::unique_ptr<Command>> commands;
  Action* chosen = nullptr;  // where the program finds what to do
  std::unique_ptr<Action> chosen_storage;
};

namespace {

// "sightline alerts list", without the last word where `parents_only`.
std::string path_of(const CLI::App& command, bool parents_only) {
  std::string path = parents_only ? "" : command.get_name();
  for (const CLI::App* parent = command.get_parent(); parent != nullptr; parent = parent->get_parent()) {
    path = path.empty() ? parent->get_name() : parent->get_name() + " " + path;
  }
  return path;
}

// Help and version are "errors" to CLI11, with exit code 0.
ExitCode answer_parse_error(const CLI::App& program, const CLI::ParseError& error, Io& io) {
  const CLI::App* chosen = &program;
  while (!chosen->get_subcommands().empty()) chosen = chosen->get_subcommands().front();
  if (error.get_exit_code() == 0) {
    const bool is_help = error.get_name() == "CallForHelp";
    io.out << (is_help ? chosen->help(path_of(*chosen, true)) : std::string(error.what()) + "\n");
    return ExitCode::fine;
  }
  std::string message = error.what();
  const std::vector<std::string> extra = chosen->remaining();
  const bool wants_command = chosen->get_require_subcommand_min() > 0;
  if (wants_command && !extra.empty()) message = fmt::format("there is no command \"{}\" here", extra.front());
  if (wants_command && extra.empty()) message = "which command?";
  report(io, fmt::format("{}\n  hint: {} --help shows what there is, with examples", message, path_of(*chosen, false)));
  return ExitCode::usage;
}

constexpr const char* kConfigOption = "--config";

// One `option = value` of a file, unless the option was an argument.
void apply_config_item(CLI::App& app, const CLI::Config& config, const CLI::ConfigItem& item) {
  CLI::Option* option = app.get_option_no_throw("--" + item.name);
  const bool known = option != nullptr && option->get_name() != kConfigOption && item.parents.empty();
  if (!known) throw CLI::ConfigError("there is no option " + item.fullname());
  if (option->count() > 0) return;
  if (option->get_expected_min() == 0) {
    option->add_result(option->get_flag_value(item.name, config.to_flag(item)));
  } else {
    option->add_result(item.inputs);
  }
  option->run_callback();
}

// CLI11 reads files for a whole program only, not for one of its commands. Errors: invalid_input.
Result<void> read_config(CLI::App& app, const std::string& path) {
  const bool given = app.get_option(kConfigOption)->count() > 0;
  std::ifstream file(path);
  if (!file) {
    if (!given) return {};
    return fail(ErrorCode::invalid_input, fmt::format("{} cannot be read", path));
  }
  const CLI::ConfigTOML config;
  std::set<std::string> names;
  try {
    for (const CLI::ConfigItem& item : config.from_config(file)) {
      if (item.name == "++" || item.name == "--") throw CLI::ConfigError("sections have no meaning here");
      if (!names.insert(item.name).second) throw CLI::ConfigError(item.name + " is there twice");
      apply_config_item(app, config, item);
    }
  } catch (const CLI::Error& error) {
    return fail(ErrorCode::invalid_input, fmt::format("{}: {}", path, error.what()));
  }
  return {};
}

// What throws in a command is a mistake of the program or no memory left; neither may look like success.
ExitCode act(const Action& action, Io& io) {
  Result<ExitCode> outcome = ExitCode::fine;
  try {
    outcome = action();
  } catch (const std::exception& exception) {
    outcome = fail(ErrorCode::internal, fmt::format("unexpected failure: {}", exception.what()));
  }
  if (!outcome) report(io, outcome.error().message);
  return outcome ? *outcome : exit_code_of(outcome.error().code);
}

}  // namespace

Command::Command(std::unique_ptr<State> state) : state_(std::move(state)) {}

Command::Command(std::string name, std::string version, std::string purpose) : state_(std::make_unique<State>()) {
  state_->owned = std::make_unique<CLI::App>(std::move(purpose), name);
  state_->app = state_->owned.get();
  state_->app->set_version_flag("--version", fmt::format("{} {}", name, version), "Print the version and exit");
  state_->app->get_formatter()->column_width(32);
  state_->chosen_storage = std::make_unique<Action>();
  state_->chosen = state_->chosen_storage.get();
}

Command::~Command() = default;

Command& Command::add(std::string name, std::string purpose) {
  auto state = std::make_unique<State>();
  state->app = state_->app->add_subcommand(std::move(name), std::move(purpose));
  state->chosen = state_->chosen;
  state_->app->require_subcommand(1);
  state_->commands.push_back(std::unique_ptr<Command>(new Command(std::move(state))));
  return *state_->commands.back();
}

Command& Command::option(std::string names, std::string kind, std::string& value, std::string help) {
  state_->last = state_->app->add_option(std::move(names), value, std::move(help));
  state_->last->type_name(std::move(kind))->group(state_->group);
  return *this;
}

Command& Command::option(std::string names, std::string kind, std::vector<std::string>& values, std::string help) {
  state_->last = state_->app->add_option(std::move(names), values, std::move(help));
  state_->last->type_name(std::move(kind))->group(state_->group);
  return *this;
}

Command& Command::option(std::string names, std::string kind, std::uint64_t& value, std::uint64_t least,
                         std::uint64_t most, std::string help) {
  state_->last = state_->app->add_option(std::move(names), value, std::move(help));
  state_->last->check([least, most](const std::string& given) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(given.data(), given.data() + given.size(), number);
    const bool fits = error == std::errc() && end == given.data() + given.size() && number >= least && number <= most;
    return fits ? std::string() : fmt::format("{} is no number from {} to {}", given, least, most);
  });
  state_->last->type_name(std::move(kind))->group(state_->group);
  return *this;
}

Command& Command::flag(std::string names, bool& value, std::string help) {
  state_->last = state_->app->add_flag(std::move(names), value, std::move(help));
  state_->last->group(state_->group);
  return *this;
}

Command& Command::choice(std::string names, std::string& value, std::vector<std::string> allowed, std::string help) {
  const std::string kind = fmt::format("{}", fmt::join(allowed, "|"));
  state_->last = state_->app->add_option(std::move(names), value, std::move(help));
  state_->last->check([allowed = std::move(allowed), kind](const std::string& given) {
    return std::ranges::find(allowed, given) != allowed.end() ? std::string()
                                                              : fmt::format("{} is none of {}", given, kind);
  });
  state_->last->type_name(kind)->group(state_->group);
  return *this;
}

Command& Command::config_file(std::string path, std::string help) {
  state_->config = std::make_shared<std::string>(std::move(path));
  state_->last = state_->app->add_option(kConfigOption, *state_->config, std::move(help));
  state_->last->type_name("FILE")->group(state_->group);
  return *this;
}

Command& Command::positional(std::string name, std::string& value, std::string help) {
  state_->last = state_->app->add_option(std::move(name), value, std::move(help));
  state_->last->type_name("");
  return *this;
}

Command& Command::positional(std::string name, std::vector<std::string>& values, std::string help) {
  state_->last = state_->app->add_option(std::move(name), values, std::move(help));
  state_->last->type_name("");
  return *this;
}

Command& Command::required() {
  state_->last->required();
  return *this;
}

Command& Command::group(std::string heading) {
  state_->group = std::move(heading);
  return *this;
}

Command& Command::examples(std::string_view text) {
  state_->app->footer(std::string(text));
  return *this;
}

Command& Command::action(Action action) {
  state_->app->callback(
      [chosen = state_->chosen, app = state_->app, config = state_->config, action = std::move(action)] {
        *chosen = [app, config, action]() -> Result<ExitCode> {
          if (config == nullptr) return action();
          const Result<void> read = read_config(*app, *config);
          return read ? action() : std::unexpected(read.error());
        };
      });
  return *this;
}

ExitCode Command::run(const std::vector<std::string>& arguments, Io& io) {
  ExitCode code = ExitCode::fine;
  try {
    state_->app->parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
    code = act(*state_->chosen, io);
  } catch (const CLI::ParseError& error) {
    code = answer_parse_error(*state_->app, error, io);
  }
  io.out.flush();
  if (!io.out) {
    report(io, "cannot write to standard output");
    return ExitCode::unreachable;
  }
  return code;
}

void report(Io& io, std::string_view message) {
  std::string prefix = std::string(io.program) + ": ";
  for (std::size_t begin = 0; begin <= message.size();) {
    const std::size_t end = std::min(message.find('\n', begin), message.size());
    io.err << prefix << printable(message.substr(begin, end - begin)) << '\n';
    prefix.clear();
    begin = end + 1;
  }
  io.err.flush();
}

void print_json_line(Io& io, std::string_view json) {
  if (io.terminal.out) {
    io.out << json_for_terminal(json) << '\n';
  } else {
    io.out << json << '\n';
  }
}

}  // namespace sightline::cli
