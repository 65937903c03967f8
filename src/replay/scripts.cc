#include "replay/scripts.h"

#include <fmt/format.h>

#include "replay/output_file.h"

namespace sightline::replay {
namespace {

std::string shell_quoted(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') {
      quoted += R"('\'')";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

std::string time_options(const ExpectedQuery& query) {
  std::string options;
  if (query.from_ms) options += fmt::format(" --from {}", *query.from_ms);
  if (query.to_ms) options += fmt::format(" --to {}", *query.to_ms);
  return options;
}

Result<void> write_file(const std::filesystem::path& path, std::string_view text) {
  auto file = OutputFile::open(path, false);
  if (!file) return std::unexpected(file.error());
  file->write(text);
  return file->close();
}

}  // namespace

std::string ingest_script(const ReplayContents& contents, const std::filesystem::path& folder) {
  std::string script = "# Sends the replay to the server. Sending again stores nothing twice.\nset -e\n";
  for (const ReplayFile& file : contents.files) {
    script += fmt::format("sightline ingest --format {}", file.format);
    if (file.host) {
      script += fmt::format(" --agent-id {} --hostname {} --instance-id {}", file.host->agent_id, file.host->name,
                            file.host->instance_id);
    }
    script += fmt::format(" {}\n", shell_quoted((folder / file.name).string()));
  }
  return script;
}

std::string questions_script(const ReplayContents& contents) {
  std::string script = "# The investigation's questions. answers.json says which events each must find.\n";
  const auto show = [&script](const std::string& title, const std::string& command) {
    script += fmt::format("printf '\\n-- %s\\n%s\\n' {} {}\n{}\n", shell_quoted(title), shell_quoted(command), command);
  };
  show("what the rules found", "sightline alerts list --severity 1");
  for (const ExpectedQuery& query : expected_queries(contents)) {
    show(query.name, fmt::format("sightline search {}{} --limit 10", shell_quoted(query.query), time_options(query)));
  }
  show("what was stolen",
       "sightline search 'eventName = \"GetObject\" AND arnRole = \"assumed-role/myS3Reader/i-03128a5b8b894002a\"'");
  show("is the record what was committed", "sightline verify");
  return script;
}

Result<void> write_scripts(const ReplayContents& contents, const std::filesystem::path& folder) {
  const std::filesystem::path whole = std::filesystem::absolute(folder);
  if (auto written = write_file(folder / "ingest.sh", ingest_script(contents, whole)); !written) return written;
  return write_file(folder / "questions.sh", questions_script(contents));
}

}  // namespace sightline::replay
