// One name for each value of a Windows event, whatever shape the event comes in.
#pragma once

#include <string>
#include <string_view>

#include "sources/json/path_table.h"

namespace sightline::windows {

// The same value stands at Event.EventData.Hashes where XML was turned into JSON, at winlog.event_data.Hashes from
// Winlogbeat, at Hashes from NXLog and others who write flat records. It is Hashes in all of them: names of the event's
// own data stand alone. Parts of its head that are no field are below System (System.Execution.ProcessID); marks of XML
// (#attributes, @, #text) are left out. A name the schema uses for something else gets "original_" in front.
sources::PathRule rule_of_path(std::string_view path);

// The same for the data of a name: what rule_of_path says of EventData.NAME.
sources::PathRule rule_of_data(std::string_view name);

// Where XML's <Data Name="X">value</Data> became {"@Name":"X","#text":"value"} in one way or another, names and values
// come under these paths (windows_data.h makes pairs of them). Data without names is a list under kDataValue.
inline constexpr std::string_view kDataName = "Data.Name";
inline constexpr std::string_view kDataValue = "Data";

// What stood under ProcessId; whose id that is depends on the event.
inline constexpr std::string_view kProcessId = "original_ProcessId";

}  // namespace sightline::windows
