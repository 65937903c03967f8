// GET /v1/fields: every name that a query may use.
#include "event/field.h"
#include "server/api/errors.h"
#include "server/api/handlers.h"
#include "server/api/json_writer.h"
#include "server/api/parameters.h"

namespace sightline::api {

http::Response list_fields(Services& services, http::Request& request) {
  if (auto known = check_parameters(request, {}); !known) return error_answer(known.error());
  JsonWriter json;
  json.begin_object().key("fields").begin_array();
  for (const FieldInfo& field : all_fields()) {
    json.begin_object().member("name", field.name).member("type", to_string(field.type));
    json.member("list", field.cardinality == FieldCardinality::list).member("group", to_string(field.group));
    json.member("meaning", field.meaning).end_object();
  }
  json.end_array().key("aliases").begin_array();
  for (const AliasInfo& alias : all_aliases()) {
    json.begin_object().member("name", alias.name).key("targets").begin_array();
    for (const FieldId target : alias.targets) json.value(field_info(target).name);
    json.end_array().end_object();
  }
  json.end_array().key("paths").begin_array();
  for (const std::string& path : services.store.attribute_paths()) json.value(path);
  json.end_array().end_object();
  return http::json_response(200, json.take());
}

}  // namespace sightline::api
