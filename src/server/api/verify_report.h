// What a verification found, as JSON.
#pragma once

#include "server/api/json_writer.h"
#include "server/verify.h"

namespace sightline::api {

// {"intact","head":{"number","link"},"audit_head":{"number","link"},"batches","events","alerts","audit_entries",
//  "finding_count","findings":[…]}
void write_verify_report(JsonWriter& json, const server::VerifyReport& report);

}  // namespace sightline::api
