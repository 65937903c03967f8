#include "sources/windows/windows_paths.h"

#include <array>
#include <optional>

namespace sightline::windows {
namespace {

using sources::PathRule;

struct Prefix {
  std::string_view prefix;
  enum class Part : std::uint8_t { system, data, user_data, event } part;
};

constexpr std::array kPrefixes = {
    Prefix{"Event.System.", Prefix::Part::system},
    Prefix{"System.", Prefix::Part::system},
    Prefix{"Event.EventData.", Prefix::Part::data},
    Prefix{"EventData.", Prefix::Part::data},
    Prefix{"winlog.event_data.", Prefix::Part::data},
    Prefix{"event_data.", Prefix::Part::data},
    Prefix{"winlog.user_data.", Prefix::Part::data},
    Prefix{"user_data.", Prefix::Part::data},
    Prefix{"Event.UserData.", Prefix::Part::user_data},
    Prefix{"UserData.", Prefix::Part::user_data},
    Prefix{"Event.", Prefix::Part::event},
};

struct NamedField {
  std::string_view name;
  FieldId field;
};

// Of the head, below System.
constexpr std::array kSystemFields = {
    NamedField{"EventID", FieldId::win_event_id},
    NamedField{"Provider.Name", FieldId::provider},
    NamedField{"Channel", FieldId::channel},
    NamedField{"Computer", FieldId::hostname},
    NamedField{"EventRecordID", FieldId::record_number},
};

// Of the head, in flat records.
constexpr std::array kFlatFields = {
    NamedField{"EventID", FieldId::win_event_id},
    NamedField{"winlog.event_id", FieldId::win_event_id},
    NamedField{"event_id", FieldId::win_event_id},
    NamedField{"win_event_id", FieldId::win_event_id},
    NamedField{"SourceName", FieldId::provider},
    NamedField{"ProviderName", FieldId::provider},
    NamedField{"Provider_Name", FieldId::provider},
    NamedField{"winlog.provider_name", FieldId::provider},
    NamedField{"source_name", FieldId::provider},
    NamedField{"Channel", FieldId::channel},
    NamedField{"LogName", FieldId::channel},
    NamedField{"winlog.channel", FieldId::channel},
    NamedField{"log_name", FieldId::channel},
    NamedField{"Computer", FieldId::hostname},
    NamedField{"ComputerName", FieldId::hostname},
    NamedField{"MachineName", FieldId::hostname},
    NamedField{"Hostname", FieldId::hostname},
    NamedField{"winlog.computer_name", FieldId::hostname},
    NamedField{"computer_name", FieldId::hostname},
    NamedField{"EventRecordID", FieldId::record_number},
    NamedField{"RecordNumber", FieldId::record_number},
    NamedField{"winlog.record_id", FieldId::record_number},
    NamedField{"record_number", FieldId::record_number},
};

// Of the event's own data: names that mean the same in whichever event they stand.
constexpr std::array kDataFields = {
    NamedField{"Image", FieldId::exe},
    NamedField{"CommandLine", FieldId::arguments},
    NamedField{"ParentImage", FieldId::parent_exe},
    NamedField{"CurrentDirectory", FieldId::cwd},
    NamedField{"TargetFilename", FieldId::filename},
    NamedField{"SourceIp", FieldId::src_ip},
    NamedField{"SourcePort", FieldId::src_port},
    NamedField{"DestinationIp", FieldId::dst_ip},
    NamedField{"DestinationPort", FieldId::dst_port},
};

// UtcTime is when Sysmon saw it; EventTime of NXLog is local time unless it says otherwise, hence last.
constexpr std::uint8_t kSystemTimeRank = 0;
constexpr std::uint8_t kTimestampRank = 1;
constexpr std::uint8_t kUtcTimeRank = 2;
constexpr std::uint8_t kEventTimeRank = 3;

template <std::size_t N>
std::optional<FieldId> find_name(const std::array<NamedField, N>& names, std::string_view name) {
  for (const NamedField& known : names) {
    if (known.name == name) return known.field;
  }
  return std::nullopt;
}

// Takes the marks of XML out: #attributes.Name, @Name and Provider_attributes.Name are Name, EventID.#text is EventID.
std::string without_marks(std::string_view path) {
  constexpr std::string_view kAttributes = "_attributes";
  std::string out;
  while (!path.empty()) {
    const std::size_t dot = path.find('.');
    std::string_view key = path.substr(0, dot);
    path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
    if (key == "#attributes" || key == "@attributes" || key == "$" || key == "#text" || key == "_") continue;
    if (key.size() > 1 && key.front() == '@') key.remove_prefix(1);
    if (key.size() > kAttributes.size() && key.ends_with(kAttributes)) key.remove_suffix(kAttributes.size());
    if (!out.empty()) out += '.';
    out += key;
  }
  return out;
}

PathRule field_rule(FieldId field, std::string name) {
  return {.kind = PathRule::Kind::field, .field = field, .renamed = std::move(name)};
}

PathRule time_rule(std::uint8_t rank, std::string name) {
  return {.kind = PathRule::Kind::time, .time_rank = rank, .time_kept = true, .renamed = std::move(name)};
}

PathRule attribute_rule(std::string name) {
  if (find_field(name) != nullptr || find_alias(name) != nullptr) name.insert(0, "original_");
  return {.renamed = std::move(name)};
}

// Where the value does not fit the field, it is kept under its own name.
std::string kept_name(std::string_view name) { return "original_" + std::string(name); }

PathRule system_rule(std::string name) {
  if (name == "TimeCreated.SystemTime" || name == "TimeCreated") return time_rule(kSystemTimeRank, "System." + name);
  if (const auto field = find_name(kSystemFields, name)) return field_rule(*field, kept_name(name));
  return {.renamed = "System." + name};
}

PathRule data_rule(std::string name) {
  if (name == "Data.Value" || name == "Data.text") name = kDataValue;
  if (name == "UtcTime") return time_rule(kUtcTimeRank, name);
  if (name == "ProcessId") return {.renamed = std::string(kProcessId)};
  if (const auto field = find_name(kDataFields, name)) return field_rule(*field, kept_name(name));
  return attribute_rule(std::move(name));
}

PathRule flat_rule(std::string_view path) {
  if (path == "@timestamp") return time_rule(kTimestampRank, kept_name(path));
  if (path == "TimeCreated" || path == "winlog.time_created") return time_rule(kSystemTimeRank, std::string(path));
  if (path == "EventTime") return time_rule(kEventTimeRank, std::string(path));
  if (const auto field = find_name(kFlatFields, path)) return field_rule(*field, kept_name(path));
  return data_rule(std::string(path));
}

}  // namespace

PathRule rule_of_path(std::string_view path) {
  for (const Prefix& known : kPrefixes) {
    if (!path.starts_with(known.prefix)) continue;
    std::string name = without_marks(path.substr(known.prefix.size()));
    if (name.empty()) break;
    switch (known.part) {
      case Prefix::Part::system:
        return system_rule(std::move(name));
      case Prefix::Part::data:
        return data_rule(std::move(name));
      case Prefix::Part::user_data:
        // One element that only says what kind of data it is stands around the data.
        return data_rule(name.substr(name.find('.') + 1));
      case Prefix::Part::event:
        return {.renamed = "Event." + name};
    }
  }
  return flat_rule(path);
}

PathRule rule_of_data(std::string_view name) { return data_rule(std::string(name)); }

}  // namespace sightline::windows
