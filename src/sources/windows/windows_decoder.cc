#include "sources/windows/windows_decoder.h"

#include "sources/json/json_event_decoder.h"
#include "sources/windows/windows_fields.h"
#include "sources/windows/windows_paths.h"

namespace sightline::windows {

std::unique_ptr<sources::Decoder> make_windows_decoder(const sources::DecodeContext& context) {
  return sources::make_json_event_decoder({.list_key = "Events",
                                           .rules = {},
                                           .namer = rule_of_path,
                                           .embedded_path = {},
                                           .expected = "a Windows event with an EventID",
                                           .is_event = is_windows_event,
                                           .add_derived_fields = add_derived_fields},
                                          context);
}

}  // namespace sightline::windows
