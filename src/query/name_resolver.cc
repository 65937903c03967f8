#include "query/name_resolver.h"

#include <fmt/format.h>

#include "query/name_distance.h"
#include "query/text_form.h"
#include "query/token_reader.h"

namespace sightline::query {

std::expected<void, Diagnostic> NameResolver::resolve(FieldRef& field) const {
  field.targets.clear();
  if (const FieldInfo* info = find_field(field.name)) {
    field.targets.emplace_back(info->id);
    return {};
  }
  if (const AliasInfo* alias = find_alias(field.name)) {
    for (const FieldId target : alias->targets) field.targets.emplace_back(target);
    // Events of the user's own may have the name as a path. Times are left out: sources turn them into event_time.
    const bool is_time = field_info(alias->targets.front()).type == FieldType::time;
    if (!is_time) field.targets.emplace_back(field.name);
    return {};
  }
  if (is_known_path(field.name) || (catalog_ != nullptr && catalog_->contains(field.name))) {
    field.targets.emplace_back(field.name);
    return {};
  }
  return unknown(field);
}

std::expected<void, Diagnostic> NameResolver::resolve_to_sort(FieldRef& field) const {
  if (std::expected<void, Diagnostic> resolved = resolve(field); !resolved) return resolved;
  const FieldId* first = std::get_if<FieldId>(&field.targets.front());
  if (first != nullptr && field_info(*first).type == FieldType::integer) {
    std::erase_if(field.targets, [](const Target& target) { return std::holds_alternative<std::string>(target); });
  }
  return {};
}

std::unexpected<Diagnostic> NameResolver::unknown(const FieldRef& field) const {
  constexpr std::size_t kMaxNames = 3;
  NearestNames nearest(field.name, kMaxNames);
  for (const FieldInfo& info : all_fields()) nearest.offer(info.name);
  for (const AliasInfo& alias : all_aliases()) nearest.offer(alias.name);
  for (const std::string_view path : known_paths()) nearest.offer(path);
  if (catalog_ != nullptr) {
    for (const std::string& path : catalog_->nearest(field.name, kMaxNames)) nearest.offer(path);
  }
  std::string hint = did_you_mean(nearest.names());
  if (hint.empty()) hint = "paths of your own events are accepted once one of them is stored; text stands in quotes";
  return mistake(field.span, fmt::format("unknown field {}", excerpt(quote_name(field.name))),
                 "a field, an alias, or a path that events have", std::move(hint));
}

std::string did_you_mean(const std::vector<std::string>& names) {
  if (names.empty()) return "";
  std::string text = "did you mean ";
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " or " : ", ";
    text += quote_name(names[i]);
  }
  return text + "?";
}

}  // namespace sightline::query
