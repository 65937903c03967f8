// The functions of libchdb's C interface that we call, declared in our own words: the package carries no header.
// Checked against the version named in connection.cc, which refuses to start with another major version.
#pragma once

#include <cstddef>
#include <cstdint>

extern "C" {

// Handles are opaque. A connection is passed to the calls by what the pointer from chdb_connect points to.
using chdb_conn = struct chdb_conn_opaque*;
using chdb_result = struct chdb_result_opaque*;
using chdb_insert = struct chdb_insert_opaque*;

const char* chdb_version();
void chdb_set_signal_handlers_enabled(int enabled);

chdb_conn* chdb_connect(int argc, char** argv);  // null where the engine does not start
void chdb_close_conn(chdb_conn* conn);
void chdb_shutdown();  // joins the engine's threads; after the last connection is closed

chdb_result chdb_query_n(chdb_conn conn, const char* sql, std::size_t sql_size, const char* format,
                         std::size_t format_size);
chdb_result chdb_stream_query_n(chdb_conn conn, const char* sql, std::size_t sql_size, const char* format,
                                std::size_t format_size);
chdb_result chdb_stream_fetch_result(chdb_conn conn, chdb_result result);  // an empty chunk ends the stream
void chdb_stream_cancel_query(chdb_conn conn, chdb_result result);

char* chdb_result_buffer(chdb_result result);
std::size_t chdb_result_length(chdb_result result);
std::uint64_t chdb_result_storage_rows_read(chdb_result result);
const char* chdb_result_error(chdb_result result);  // null where all is well
void chdb_destroy_query_result(chdb_result result);

chdb_insert chdb_stream_insert_n(chdb_conn conn, const char* sql, std::size_t sql_size, const char* format,
                                 std::size_t format_size);
int chdb_stream_append(chdb_insert stream, const char* data, std::size_t size);  // 0 is success
chdb_result chdb_stream_done(chdb_insert stream);                                // commits
void chdb_stream_cancel_insert(chdb_insert stream);
const char* chdb_stream_insert_error(chdb_insert stream);
void chdb_destroy_insert_stream(chdb_insert stream);

}  // extern "C"
