#include "event/fields_doc.h"

#include <fmt/format.h>

#include <array>
#include <iterator>

#include "event/field.h"

namespace sightline {
namespace {

constexpr std::string_view kIntroduction =
    R"(# Fields of an event

<!-- Made from src/event/fields.def and src/event/aliases.def; a test holds this page to them. -->

An event is a flat record of named values. These names are what queries, rules and the JSON form use. A field that an
event does not have is null. Whatever a source sends beyond these fields is kept as an attribute under its dotted path
(`requestParameters.instanceId`) and can be searched by that path; indices of arrays are left out, so an array is a list
of values under one path.

Types: *text* is any bytes; *integer* has 64 bits and a sign; *boolean* is `true` or `false`; *time* is milliseconds
since 1970-01-01 UTC; *event id* is 32 hexadecimal digits. A *list* may have several values; a comparison holds if it
holds for any of them.
)";

std::string_view title(FieldGroup group) {
  switch (group) {
    case FieldGroup::common:
      return "Common to all events";
    case FieldGroup::host:
      return "Host";
    case FieldGroup::process:
      return "Processes and system calls";
    case FieldGroup::network:
      return "Network";
    case FieldGroup::file:
      return "Files";
    case FieldGroup::login:
      return "Logins";
    case FieldGroup::log:
      return "Log lines";
    case FieldGroup::cloudtrail:
      return "CloudTrail";
    case FieldGroup::kubernetes:
      return "Kubernetes audit";
    case FieldGroup::windows:
      return "Windows events";
  }
  return "?";
}

void append_fields(std::string& page, FieldGroup group) {
  fmt::format_to(std::back_inserter(page), "\n## {}\n\n| field | type | meaning |\n|---|---|---|\n", title(group));
  for (const FieldInfo& field : all_fields()) {
    if (field.group != group) continue;
    fmt::format_to(std::back_inserter(page), "| `{}` | {}{} | {} |\n", field.name,
                   field.cardinality == FieldCardinality::list ? "list of " : "", to_string(field.type), field.meaning);
  }
}

void append_aliases(std::string& page) {
  page +=
      "\n## Other names\n\nEach stands for the fields beside it; with several, for the list of all their values.\n\n";
  page += "| name | stands for |\n|---|---|\n";
  for (const AliasInfo& alias : all_aliases()) {
    fmt::format_to(std::back_inserter(page), "| `{}` | ", alias.name);
    for (std::size_t i = 0; i < alias.targets.size(); ++i) {
      fmt::format_to(std::back_inserter(page), "{}`{}`", i == 0 ? "" : ", ", field_info(alias.targets[i]).name);
    }
    page += " |\n";
  }
}

}  // namespace

std::string fields_markdown() {
  std::string page(kIntroduction);
  constexpr std::array kGroups = {
      FieldGroup::common, FieldGroup::host, FieldGroup::process,    FieldGroup::network,    FieldGroup::file,
      FieldGroup::login,  FieldGroup::log,  FieldGroup::cloudtrail, FieldGroup::kubernetes, FieldGroup::windows};
  for (const FieldGroup group : kGroups) append_fields(page, group);
  append_aliases(page);
  return page;
}

}  // namespace sightline
