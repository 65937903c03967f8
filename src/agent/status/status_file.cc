#include "agent/status/status_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <simdjson.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "base/descriptor.h"
#include "base/json_text.h"

namespace sightline::agent {
namespace {

// Calls `visit(name, member)` for all members, so that writing and reading cannot differ.
template <class Status, class Visit>
void for_each_member(Status& status, const Visit& visit) {
  visit("version", status.version);
  visit("pid", status.pid);
  visit("started", status.started_ms);
  visit("updated", status.updated_ms);
  visit("stopped", status.stopped_ms);
  visit("server", status.server);
  visit("audit", status.audit);
  visit("waiting_batches", status.waiting_batches);
  visit("waiting_events", status.waiting_events);
  visit("spool_bytes", status.spool_bytes);
  visit("spool_max_bytes", status.spool_max_bytes);
  visit("delivered_batches", status.delivered_batches);
  visit("delivered_events", status.delivered_events);
  visit("quarantined_lines", status.quarantined_lines);
  visit("last_delivered", status.last_delivered_ms);
  visit("trouble", status.trouble);
  visit("losses", status.losses);
  visit("last_loss", status.last_loss);
  visit("last_loss_time", status.last_loss_ms);
}

void append_value(std::string& out, const std::string& value) { append_json_string(out, value); }
void append_value(std::string& out, auto value) { out += std::to_string(value); }

bool read_value(const simdjson::dom::element& element, std::string& value) {
  std::string_view text;
  if (element.get(text) != simdjson::SUCCESS) return false;
  value = text;
  return true;
}
template <class Number>
bool read_value(const simdjson::dom::element& element, Number& value) {
  return element.get(value) == simdjson::SUCCESS;
}

}  // namespace

Result<void> write_status(const std::filesystem::path& file, const AgentStatus& status) {
  std::string text = "{";
  for_each_member(status, [&](const char* name, const auto& member) {
    if (text.size() > 1) text += ',';
    append_json_string(text, name);
    text += ':';
    append_value(text, member);
  });
  text += "}\n";
  const std::filesystem::path beside = file.string() + ".new";
  {
    const Descriptor out(::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!out.open()) return system_error("cannot write", beside);
    if (const Result<void> written = write_all(out.number(), text, beside); !written) return written;
  }
  // Not synced: after a crash of the machine it says nothing that is worth waiting for.
  if (std::rename(beside.c_str(), file.c_str()) != 0) return system_error("cannot replace", file);
  return {};
}

Result<std::optional<AgentStatus>> read_status(const std::filesystem::path& file) {
  if (::access(file.c_str(), R_OK) != 0) {
    if (errno == ENOENT) return std::nullopt;
    return system_error("cannot read", file);
  }
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  AgentStatus status;
  bool good = parser.load(file.string()).get(document) == simdjson::SUCCESS && document.is_object();
  if (good) {
    for_each_member(status, [&](const char* name, auto& member) {
      simdjson::dom::element element;
      good = good && document[name].get(element) == simdjson::SUCCESS && read_value(element, member);
    });
  }
  if (!good) return fail(ErrorCode::corrupt, fmt::format("{} is not a status that an agent wrote", file.string()));
  return status;
}

}  // namespace sightline::agent
