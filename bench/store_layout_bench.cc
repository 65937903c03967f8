// Inserts the same encoded blocks into tables of different layouts and prints what each costs: CPU of the insert, bytes
// a row as inserted and as merged, and the CPU of the merge. docs/decisions/0040 keeps the figures.
//
//   store_layout_bench RECORDS.ndjson [BATCH_ROWS] [BATCHES]
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "sources/cloudtrail/cloudtrail_decoder.h"
#include "store/clickhouse/binary_reader.h"
#include "store/clickhouse/embedded/connection.h"
#include "store/clickhouse/encoder.h"
#include "store/clickhouse/schema.h"

namespace sightline::store::clickhouse {
namespace {

double process_cpu_s() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

[[noreturn]] void die(const std::string& message) {
  fmt::print(stderr, "{}\n", message);
  std::exit(1);
}

struct Replacement {
  std::string from;
  std::string to;
};
struct Candidate {
  std::string name;
  std::vector<Replacement> replacements;  // in the statement that creates the table
};

std::vector<Candidate> candidates() {
  const auto granules = [](int rows) {
    return Replacement{"index_granularity = 4096", fmt::format("index_granularity = {}", rows)};
  };
  return {
      {"as chosen", {}},
      {"vertical merges", {{"enable_vertical_merge_algorithm = 0, ", ""}}},
      {"granules of 2048 rows", {granules(2048)}},
      {"granules of 8192 rows", {granules(8192)}},
      {"wide parts on insert",
       {{"min_level_for_wide_part = 1", "min_level_for_wide_part = 0, min_bytes_for_wide_part = 0"}}},
      {"LZ4 instead of ZSTD", {{"ZSTD(1)", "LZ4"}, {"ZSTD(3)", "LZ4"}}},
      {"ZSTD(3)", {{"ZSTD(1)", "ZSTD(3)"}}},
      {"no sparse columns",
       {{"ratio_of_defaults_for_sparse_serialization = 0.9", "ratio_of_defaults_for_sparse_serialization = 1.0"}}},
      {"no bloom filters",
       {{"INDEX batch_index substring(batch, 1, 12) TYPE bloom_filter(0.01) GRANULARITY 1,", ""},
        {"INDEX event_id_index event_id TYPE bloom_filter(0.01) GRANULARITY 1,", ""},
        {"INDEX request_id_index request_id TYPE bloom_filter(0.01) GRANULARITY 1,", ""}}},
      {"no fsync", {{"fsync_after_insert = 1, fsync_part_directory = 1", "fsync_after_insert = 0"}}},
      {"sorted by action_group, event_time", {{"ORDER BY event_time", "ORDER BY (action_group, event_time)"}}},
      {"n-gram filter on texts",
       {{"INDEX batch_number_index",
         "INDEX t texts TYPE ngrambf_v1(4, 65536, 2, 0) GRANULARITY 4, INDEX batch_number_index"}}},
      {"text index on texts",
       {{"INDEX batch_number_index",
         "INDEX t texts TYPE text(tokenizer = 'splitByNonAlpha') GRANULARITY 4, INDEX batch_number_index"}}},
      {"as chosen, again", {}},
  };
}

std::string replace_all(std::string text, const Replacement& replacement) {
  for (std::size_t at = 0; (at = text.find(replacement.from, at)) != std::string::npos; at += replacement.to.size()) {
    text.replace(at, replacement.from.size(), replacement.to);
  }
  return text;
}

std::vector<EncodedBlock> encode_blocks(const std::filesystem::path& file, std::size_t batch_rows,
                                        std::size_t batches) {
  std::vector<EncodedBlock> blocks;
  AttributeKeys keys;
  BatchEncoder encoder(keys);
  const auto decoder = cloudtrail::make_cloudtrail_decoder({});
  std::ifstream in(file, std::ios::binary);
  std::string chunk(1 << 20, '\0');
  sources::Decoded decoded;
  while (blocks.size() < batches &&
         (in.read(chunk.data(), static_cast<std::streamsize>(chunk.size())), in.gcount() > 0)) {
    decoder->write({chunk.data(), static_cast<std::size_t>(in.gcount())}, decoded);
    if (decoded.events.size() < batch_rows) continue;
    BatchHeader header;
    header.number = blocks.size() + 1;
    header.key = {"bench", "cloudtrail", 1, header.number};
    header.format = "cloudtrail";
    header.received_time_ms = 1'780'000'000'000;
    const BatchId batch_id = make_batch_id(header.key);
    std::uint32_t index = 0;
    for (Event& event : decoded.events.events()) {
      event.id = make_event_id(batch_id, index++);
      event.received_time_ms = header.received_time_ms;
    }
    const PendingBatch batch{header, &decoded.events};
    blocks.push_back(encoder.encode({&batch, 1}));
    decoded = {};
  }
  return blocks;
}

void must(const Result<QueryOutput>& result) {
  if (!result) die(result.error().message);
}

double bytes_a_row(Connection& connection) {
  const Result<QueryOutput> output = connection.query(
      "SELECT sum(bytes_on_disk) / sum(rows) FROM system.parts WHERE active AND database = 'sightline' "
      "AND table = 'events'",
      "RowBinary");
  must(output);
  BinaryReader reader(output->bytes);
  return reader.integer<double>();
}

void measure(Connection& connection, const Candidate& candidate, const std::vector<EncodedBlock>& blocks) {
  std::string create = create_events_table();
  for (const Replacement& replacement : candidate.replacements) create = replace_all(create, replacement);
  must(connection.query("DROP TABLE IF EXISTS sightline.events SYNC", "RowBinary"));
  must(connection.query(create, "RowBinary"));
  must(connection.query("ALTER TABLE sightline.events MODIFY SETTING min_parts_to_merge_at_once = 1000", "RowBinary"));
  std::size_t rows = 0;
  const double cpu = process_cpu_s();
  const auto start = std::chrono::steady_clock::now();
  for (const EncodedBlock& block : blocks) {
    const std::vector<std::string_view> pieces(block.pieces.begin(), block.pieces.end());
    const Result<void> done =
        connection.insert(fmt::format("INSERT INTO sightline.events ({})", block.columns), "Native", pieces);
    if (!done) die(done.error().message);
    rows += block.rows;
  }
  const double insert_cpu = process_cpu_s() - cpu;
  const double wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const double inserted_bytes = bytes_a_row(connection);
  const double before_merge = process_cpu_s();
  must(connection.query("OPTIMIZE TABLE sightline.events FINAL", "RowBinary"));
  const double merge_cpu = process_cpu_s() - before_merge;
  const auto count = static_cast<double>(rows);
  fmt::print("| {:<34} | {:>6.2f} | {:>6.2f} | {:>6.1f} | {:>6.2f} | {:>6.1f} |\n", candidate.name,
             insert_cpu * 1e6 / count, wall * 1e6 / count, inserted_bytes, merge_cpu * 1e6 / count,
             bytes_a_row(connection));
  std::fflush(stdout);
}

int run(int argc, char** argv) {
  if (argc < 2) die("usage: store_layout_bench RECORDS.ndjson [BATCH_ROWS] [BATCHES]");
  const std::size_t batch_rows = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 20'000;
  const std::size_t batches = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 8;
  const std::vector<EncodedBlock> blocks = encode_blocks(argv[1], batch_rows, batches);
  const auto directory = std::filesystem::temp_directory_path() / fmt::format("sightline-layouts-{}", getpid());
  {
    auto engine = Engine::start(directory.string(), {});
    if (!engine) die(engine.error().message);
    auto connection = (*engine)->connect();
    if (!connection) die(connection.error().message);
    must((*connection)->query("CREATE DATABASE IF NOT EXISTS sightline ENGINE = Atomic", "RowBinary"));
    fmt::print(
        "{} batches of {} rows\n\n| layout | insert CPU µs | wall µs | bytes | merge CPU µs | bytes merged |\n"
        "|---|---|---|---|---|---|\n",
        blocks.size(), batch_rows);
    for (const Candidate& candidate : candidates()) measure(**connection, candidate, blocks);
  }
  std::filesystem::remove_all(directory);
  return 0;
}

}  // namespace
}  // namespace sightline::store::clickhouse

int main(int argc, char** argv) { return sightline::store::clickhouse::run(argc, argv); }
