// sightline rules push: rule files to a server, which keeps them.
#include <fmt/format.h>

#include <memory>
#include <ostream>

#include "cli/all_commands.h"
#include "cli/client/connection.h"
#include "cli/view.h"
#include "detect/rule_collector.h"
#include "detect/rule_reader.h"

namespace sightline::cli {
namespace {

struct PushOptions {
  ConnectionOptions connection;
  std::vector<std::string> paths;
  bool overrides = false;
};

struct Counts {
  std::size_t created = 0;
  std::size_t changed = 0;
  std::size_t unchanged = 0;
  std::size_t failed = 0;
};

// A file's documents: one rule each.
std::vector<std::string> documents_of(const std::string& text) {
  std::vector<std::string> documents(1);
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size() - 1) + 1;
    const std::string_view line = std::string_view(text).substr(begin, end - begin);
    if (line == "---\n" || line == "---\r\n" || line == "---") {
      documents.emplace_back();
    } else {
      documents.back() += line;
    }
    begin = end;
  }
  std::erase_if(documents,
                [](const std::string& each) { return each.find_first_not_of(" \t\r\n") == std::string::npos; });
  return documents;
}

class Push {
 public:
  Push(const PushOptions& options, Connection& connection, Io& io)
      : options_(options), connection_(connection), io_(io) {}

  Result<void> file(const std::filesystem::path& path) {
    const auto text = detect::read_rule_file(path);
    if (!text) return std::unexpected(text.error());
    for (const std::string& document : documents_of(*text)) {
      if (auto sent = one(path.string(), document); !sent) return sent;
    }
    return {};
  }

  const Counts& counts() const { return counts_; }

 private:
  // Errors: those after which nothing further is tried.
  Result<void> one(const std::string& file, const std::string& document) {
    const detect::ReadRules read = detect::read_rules(file, document);
    if (!read.problems.empty()) return refused(to_string(read.problems.front()));
    if (read.definitions.empty()) return refused(file + ": a filter of Sigma's belongs in a file on the server");
    const std::string& id = read.definitions.front().rule.id;
    const Result<Json> answer = connection_.change(
        "PUT", "/v1/rules/" + percent_encode(id) + (options_.overrides ? "?override=true" : ""), document);
    if (!answer) {
      const bool of_the_rule = exit_code_of(answer.error().code) == ExitCode::usage;
      if (!of_the_rule) return std::unexpected(answer.error());
      return refused(fmt::format("{}: rule {}: {}", file, id, answer.error().message));
    }
    const std::string outcome = answer->text_of("outcome");
    ++(outcome == "created" ? counts_.created : outcome == "changed" ? counts_.changed : counts_.unchanged);
    if (outcome != "unchanged") {
      io_.out << printable(fmt::format("{} {}, version {}", id, outcome, answer->text_of("version"))) << '\n';
    }
    return {};
  }

  Result<void> refused(const std::string& why) {
    ++counts_.failed;
    report(io_, why);
    return {};
  }

  const PushOptions& options_;
  Connection& connection_;
  Io& io_;
  Counts counts_;
};

Result<ExitCode> run_push(const PushOptions& options, Io& io) {
  const std::vector<std::filesystem::path> paths(options.paths.begin(), options.paths.end());
  const auto files = detect::find_rule_files(paths);
  if (!files) return std::unexpected(files.error());
  Result<Connection> connection = Connection::open(options.connection, io);
  if (!connection) return std::unexpected(connection.error());
  Push push(options, *connection, io);
  for (const std::filesystem::path& file : *files) {
    if (auto pushed = push.file(file); !pushed) return std::unexpected(pushed.error());
  }
  const Counts& counts = push.counts();
  io.out << fmt::format("{} created, {} changed, {} unchanged, {} refused\n", counts.created, counts.changed,
                        counts.unchanged, counts.failed);
  return counts.failed == 0 ? ExitCode::fine : ExitCode::usage;
}

}  // namespace

void add_rules_push(Command& rules, Io& io) {
  const auto options = std::make_shared<PushOptions>();
  Command& push = rules.add("push", "Have a server keep rules: new ones, and other versions of those it keeps");
  push.positional("PATH", options->paths, "Rule files, and folders of them")
      .required()
      .flag("--override", options->overrides, "Stand over rules of the same ids in the server's files");
  add_connection_options(push, options->connection);
  push.examples(
          "Examples:\n  sightline rules push tmp-exec.yaml\n  sightline rules push rules/ --override\n\nEach rule is "
          "in "
          "force when it is named. The exit code is 2 where the server refused one; the\nothers are there all the "
          "same.")
      .action([options, &io] { return run_push(*options, io); });
}

}  // namespace sightline::cli
