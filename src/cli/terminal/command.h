// What the program understands on its command line. CLI11 stays behind this.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "cli/terminal/exit_code.h"
#include "cli/terminal/io.h"

namespace sightline::cli {

// What a command does once its options are read. An Error is printed and gives the exit code (exit_code_of).
using Action = std::function<Result<ExitCode>()>;

// The program, or one of its commands. References to values must stay valid until the program ended; all methods
// return the command itself unless they say otherwise. Not thread-safe.
class Command {
 public:
  // The program itself.
  Command(std::string name, std::string version, std::string purpose);
  ~Command();
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;

  // A further command below this one; returns the new one. One of a command's commands must be given.
  Command& add(std::string name, std::string purpose);

  // `names` are "--long" or "-s,--long"; `kind` is what help shows for the value, e.g. FILE.
  Command& option(std::string names, std::string kind, std::string& value, std::string help);
  Command& option(std::string names, std::string kind, std::vector<std::string>& values, std::string help);
  Command& option(std::string names, std::string kind, std::uint64_t& value, std::uint64_t least, std::uint64_t most,
                  std::string help);
  Command& flag(std::string names, bool& value, std::string help);
  // The value is one of `allowed`.
  Command& choice(std::string names, std::string& value, std::vector<std::string> allowed, std::string help);
  // --config FILE: lines `option = value`, without the dashes, for the options of this command; those given as
  // arguments win. Read from `path` too where that exists and none is given. Declared before action().
  Command& config_file(std::string path, std::string help);
  // Arguments without a name, in this order.
  Command& positional(std::string name, std::string& value, std::string help);
  Command& positional(std::string name, std::vector<std::string>& values, std::string help);

  // About the option or argument declared last.
  Command& required();

  // The heading in --help of the options that follow.
  Command& group(std::string heading);
  // The end of --help; every command has some.
  Command& examples(std::string_view text);
  Command& action(Action action);

  // Of the program. Reads the arguments (without the program's name) and runs the chosen command. Never throws;
  // messages go to io.err, help and version to io.out. Where standard output cannot be written (a full disk), the exit
  // code is `unreachable` whatever else happened.
  ExitCode run(const std::vector<std::string>& arguments, Io& io);

 private:
  struct State;
  explicit Command(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Writes "PROGRAM: message" to standard error, every line of it printable.
void report(Io& io, std::string_view message);

// A line of JSON on standard output: made harmless where that is a terminal (terminal_text.h), as it is elsewhere.
void print_json_line(Io& io, std::string_view json);

}  // namespace sightline::cli
