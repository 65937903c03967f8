// sightline fields: the schema. Needs no server.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <ostream>

#include "cli/all_commands.h"
#include "cli/view.h"
#include "event/field.h"
#include "event/fields_doc.h"

namespace sightline::cli {
namespace {

struct FieldsOptions {
  bool markdown = false;
  std::string group;
};

std::string type_of(const FieldInfo& field) {
  std::string type(to_string(field.type));
  return field.cardinality == FieldCardinality::list ? type + " list" : type;
}

std::string aliases_of(FieldId id) {
  std::string names;
  for (const AliasInfo& alias : all_aliases()) {
    if (std::ranges::find(alias.targets, id) == alias.targets.end()) continue;
    if (!names.empty()) names += ", ";
    names += alias.name;
  }
  return names;
}

Result<ExitCode> run_fields(const FieldsOptions& options, Io& io) {
  if (options.markdown) {
    io.out << fields_markdown();
    return ExitCode::fine;
  }
  Table table({{"field", false, false}, {"type", false, false}, {"group", false, false}, {"meaning"}, {"aliases"}});
  for (const FieldInfo& field : all_fields()) {
    if (!options.group.empty() && to_string(field.group) != options.group) continue;
    table.add_row({{std::string(field.name)},
                   {type_of(field)},
                   {std::string(to_string(field.group))},
                   {std::string(field.meaning)},
                   {aliases_of(field.id)}});
  }
  print_table(io, table);
  return ExitCode::fine;
}

}  // namespace

void add_fields(Command& program, Io& io) {
  const auto options = std::make_shared<FieldsOptions>();
  Command& command = program.add("fields", "The fields of events, with types and other names");
  command
      .choice("--group", options->group,
              {"common", "host", "process", "network", "file", "login", "log", "cloudtrail", "kubernetes", "windows"},
              "Only the fields of these sources")
      .flag("--markdown", options->markdown, "As the page docs/fields.md");
  command.examples("Examples:\n  sightline fields --group login\n  sightline fields --markdown > docs/fields.md")
      .action([options, &io] { return run_fields(*options, io); });
}

}  // namespace sightline::cli
