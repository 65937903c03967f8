// The column `batch`: what the events of one batch have in common, as one text. A dictionary column holds it once.
#pragma once

#include <string>
#include <string_view>

#include "event/event.h"
#include "store/event_store.h"

namespace sightline::store::clickhouse {

// The batch's id (12 bytes), its number (8, as all numbers with the least significant byte first), the hash of its body
// (32), epoch and sequence (8 each), and format, principal and source with their lengths before them. received_time has
// a column of its own.
std::string to_batch_text(const BatchHeader& header);

// Sets what the text holds. False where it is not such a text.
bool read_batch_text(std::string_view text, BatchHeader& header);

// The batch's id; zeros where the text is too short.
BatchId batch_id_of_text(std::string_view text);

// SQL: the id of the batch, its number, and the id of the event as 32 hexadecimal digits.
inline constexpr std::string_view kBatchIdSql = "substring(batch, 1, 12)";
inline constexpr std::string_view kBatchNumberSql = "reinterpretAsUInt64(substring(batch, 13, 8))";
inline constexpr std::string_view kEventIdSql =
    "concat(lower(hex(substring(batch, 1, 12))), leftPad(lower(hex(batch_row)), 8, '0'))";
std::string quote_batch_id(const BatchId& id);

}  // namespace sightline::store::clickhouse
