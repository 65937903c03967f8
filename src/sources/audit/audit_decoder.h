// Decoder of Linux audit text as auditd writes it to audit.log and as its dispatcher forwards it.
// docs/sources/audit.md describes what becomes of each record.
#pragma once

#include <memory>

#include "sources/decoder.h"

namespace sightline::audit {

// Joins the records of one event across calls of write(). Bytes held between calls stay under
// Coalescer::kMaxOpenBytes + sources::kMaxLineBytes plus one line, whatever the input.
std::unique_ptr<sources::Decoder> make_audit_decoder(const sources::DecodeContext& context);

}  // namespace sightline::audit
