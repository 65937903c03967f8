// sightline ingest: files and streams of telemetry to the server.
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <ostream>

#include "cli/all_commands.h"
#include "cli/formats.h"
#include "cli/input/batch_splitter.h"
#include "cli/input/input.h"
#include "cli/uploader.h"
#include "cli/view.h"

namespace sightline::cli {
namespace {

// docs/decisions/0061-batch-size.md. The server takes bodies of 64 MiB.
constexpr std::uint64_t kDefaultBatchKib = 16UL * 1024;
constexpr std::uint64_t kMaxBatchKib = 56UL * 1024;

struct IngestOptions {
  ConnectionOptions connection;
  std::string format;
  SenderOptions sender;
  std::string source = "cli";
  std::vector<std::string> files;
  std::uint64_t batch_kib = kDefaultBatchKib;
  std::uint64_t retry_for_s = 120;
  std::string compress = "auto";
  std::string output = "text";
};

constexpr int kIdleMs = 1000;                   // a stream that pauses this long has what it said sent
constexpr std::uint64_t kMaxPrintedLines = 50;  // of rejected input, of each file

constexpr std::string_view kExamples = R"(Examples:
  sightline ingest --format auditd --hostname web-1 /var/log/audit/audit.log
  sightline ingest --format cloudtrail 123456789012_CloudTrail_eu-west-1_*.json.gz
  tail -F /var/log/audit/audit.log | sightline ingest --format auditd --hostname web-1 -

Sending a file again is harmless: batches the server has are not stored twice.)";

std::string api_path(sources::Format format, const SenderOptions& sender) {
  std::string path = format == sources::Format::ndjson ? "/v1/events" : fmt::format("/v1/ingest/{}", to_string(format));
  char separator = '?';
  const std::pair<std::string_view, const std::string*> facts[] = {{"agent_id", &sender.agent_id},
                                                                   {"hostname", &sender.hostname},
                                                                   {"instance_id", &sender.instance_id},
                                                                   {"account_id", &sender.account_id},
                                                                   {"reference_time", &sender.reference_time}};
  for (const auto& [name, value] : facts) {
    if (value->empty()) continue;
    path += fmt::format("{}{}={}", separator, name, percent_encode(*value));
    separator = '&';
  }
  return path;
}

class Ingest {
 public:
  Ingest(const IngestOptions& options, FormatChoice format, Io& io, Connection connection)
      : options_(options), format_(format), io_(io), connection_(std::move(connection)) {}

  Result<ExitCode> run() {
    for (const std::string& file : options_.files) {
      if (Result<void> sent = send_file(file); !sent) {
        clear_progress();
        print_totals();
        return std::unexpected(sent.error());
      }
    }
    clear_progress();
    print_totals();
    return totals_.rejected == 0 ? ExitCode::fine : ExitCode::findings;
  }

 private:
  Result<void> send_file(const std::string& file) {
    Result<Input> input = Input::open(file, io_.in_fd);
    if (!input) return std::unexpected(input.error());
    const Result<sources::Format> format = format_of(format_, *input, io_);
    if (!format) return std::unexpected(format.error());
    file_format_ = *format;
    Uploader uploader(connection_, io_, target_for(file));
    const auto splitter = make_splitter(file_format_, options_.batch_kib * 1024);
    Result<void> outcome = pump(*input, *splitter, uploader);
    add(uploader.totals());
    if (printed_ > kMaxPrintedLines) {
      io_.err << fmt::format("(and {} more)\n", format_count(printed_ - kMaxPrintedLines));
    }
    printed_ = 0;
    return outcome;
  }

  Result<void> pump(Input& input, BatchSplitter& splitter, Uploader& uploader) {
    std::vector<SplitBatch> batches;
    for (;;) {
      const Result<Input::Piece> piece = input.read(kIdleMs);
      const bool ended = !piece || piece->state == Input::State::end;
      if (ended) {
        splitter.finish(batches);  // also what came before damaged compression
      } else if (piece->state == Input::State::idle) {
        splitter.pause(batches);
      } else {
        splitter.write(piece->bytes, batches);
      }
      for (const SplitBatch& batch : batches) {
        if (Result<void> sent = send_batch(batch, input, uploader); !sent) return sent;
      }
      batches.clear();
      if (!piece) return std::unexpected(piece.error());
      if (ended) return {};
    }
  }

  Result<void> send_batch(const SplitBatch& batch, const Input& input, Uploader& uploader) {
    const Result<std::vector<RejectedInput>> rejected = uploader.send(batch);
    if (!rejected) {
      return fail(rejected.error().code,
                  fmt::format("{}, from line {}: {}", input.name(), batch.first_line, rejected.error().message));
    }
    for (const RejectedInput& line : *rejected) {
      if (++printed_ > kMaxPrintedLines) continue;
      clear_progress();
      io_.err << fmt::format("{}:{}: {}{}\n", printable(input.name()), line.line, printable(line.error),
                             place_note(batch));
    }
    show_progress(input, uploader.totals());
    return {};
  }

  // The server counts the bytes of JSON documents in what it was sent, which may begin in the middle of a line.
  std::string place_note(const SplitBatch& batch) const {
    const bool in_bytes = file_format_ == sources::Format::cloudtrail || file_format_ == sources::Format::kubernetes ||
                          file_format_ == sources::Format::winevent;
    if (!in_bytes || batch.first_byte == 0) return {};
    return fmt::format(" (counted from byte {} of the input)", batch.first_byte);
  }

  UploadTarget target_for(const std::string& file) {
    UploadTarget target;
    target.path = api_path(file_format_, options_.sender);
    target.source = options_.source;
    target.retry_for_ms = static_cast<std::int64_t>(options_.retry_for_s) * 1000;
    target.compress = options_.compress == "gzip" || (options_.compress == "auto" && !connection_.is_loopback());
    if (file == "-") {
      target.epoch = static_cast<std::uint64_t>(io_.clock.now_ms());
    } else {
      std::error_code error;
      const std::filesystem::path whole = std::filesystem::weakly_canonical(file, error);
      target.stream_id = error ? file : whole.string();
    }
    return target;
  }

  void show_progress(const Input& input, const UploadTotals& file) {
    if (!io_.terminal.err) return;
    std::string share;
    if (input.size_bytes() > 0) share = fmt::format(" {}%", input.read_bytes() * 100 / input.size_bytes());
    io_.err << fmt::format("\r\x1b[K{}{}: {} accepted, {} rejected", fit(printable(input.name()), 40), share,
                           format_count(totals_.accepted + file.accepted),
                           format_count(totals_.rejected + file.rejected));
    io_.err.flush();
    progress_shown_ = true;
  }

  void clear_progress() {
    if (progress_shown_) io_.err << "\r\x1b[K";
    progress_shown_ = false;
  }

  void add(const UploadTotals& file) {
    totals_.batches += file.batches;
    totals_.replayed_batches += file.replayed_batches;
    totals_.accepted += file.accepted;
    totals_.rejected += file.rejected;
    totals_.sent_bytes += file.sent_bytes;
    totals_.retries += file.retries;
  }

  void print_totals() {
    if (options_.output == "json") {
      print_json_line(
          io_,
          fmt::format(R"({{"accepted":{},"rejected":{},"batches":{},"replayed_batches":{},"retries":{}}})",
                      totals_.accepted, totals_.rejected, totals_.batches, totals_.replayed_batches, totals_.retries));
      return;
    }
    io_.out << fmt::format("accepted {}, rejected {}", count_of(totals_.accepted, "event"),
                           count_of(totals_.rejected, "input line"));
    if (totals_.replayed_batches > 0) {
      io_.out << fmt::format("; {} of {} batches were stored before", format_count(totals_.replayed_batches),
                             format_count(totals_.batches));
    }
    io_.out << '\n';
  }

  const IngestOptions& options_;
  FormatChoice format_;
  sources::Format file_format_ = sources::Format::ndjson;  // of the file being sent
  Io& io_;
  Connection connection_;
  UploadTotals totals_;
  std::uint64_t printed_ = 0;
  bool progress_shown_ = false;
};

Result<ExitCode> run_ingest(const IngestOptions& options, Io& io) {
  Result<FormatChoice> format = parse_format_choice(options.format);
  if (!format) return std::unexpected(format.error());
  if (const auto context = options.sender.context(io.clock); !context) return std::unexpected(context.error());
  if (options.source.empty() || options.source.find('/') != std::string::npos) {
    return fail(ErrorCode::invalid_input, "--source must not be empty or hold a slash");
  }
  Result<Connection> connection = Connection::open(options.connection, io);
  if (!connection) return std::unexpected(connection.error());
  return Ingest(options, *format, io, std::move(*connection)).run();
}

}  // namespace

void add_ingest(Command& program, Io& io) {
  const auto options = std::make_shared<IngestOptions>();
  Command& command = program.add("ingest", "Send files of telemetry to the server");
  command.positional("FILE", options->files, "Files, plain, gzip or zstd; - is standard input").required();
  add_format_option(command, options->format);
  add_sender_options(command, options->sender);
  command.option("--source", "NAME", options->source, "Name of this stream of batches [cli]")
      .option("--batch-size", "KIB", options->batch_kib, 1, kMaxBatchKib, "Largest request [16384]")
      .option("--retry-for", "SECONDS", options->retry_for_s, 0, 86'400,
              "How long a batch is tried while the server is busy or away [120]")
      .choice("--compress", options->compress, {"auto", "gzip", "none"},
              "Compress on the way [auto: unless the server is on this machine]")
      .choice("-o,--output", options->output, {"text", "json"}, "How to show the sums [text]");
  add_connection_options(command, options->connection);
  command.examples(kExamples).action([options, &io] { return run_ingest(*options, io); });
}

}  // namespace sightline::cli
