// Sends batches to the server until it has them, each under a key that makes a second sending harmless.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/client/connection.h"
#include "cli/input/batch_splitter.h"

namespace sightline::cli {

struct UploadTarget {
  std::string path;         // of the API, with its query
  std::string source;       // name of the stream, without '/'
  std::string stream_id;    // what makes a file the same file: its path. Empty: each run of the program is a new stream
  std::uint64_t epoch = 0;  // of a new stream
  bool compress = false;
  std::int64_t retry_for_ms = 120'000;  // how long a batch is tried
};

struct RejectedInput {
  std::uint64_t line = 0;  // of the whole input
  std::string error;
};

struct UploadTotals {
  std::uint64_t batches = 0;
  std::uint64_t replayed_batches = 0;  // the server had them already
  std::uint64_t accepted = 0;
  std::uint64_t rejected = 0;
  std::uint64_t sent_bytes = 0;
  std::uint64_t retries = 0;
};

// One input. Not thread-safe.
class Uploader {
 public:
  Uploader(Connection& connection, Io& io, UploadTarget target)
      : connection_(connection), io_(io), target_(std::move(target)) {}

  // Returns what the server refused of it. Errors: as the server or the network has them; after `unavailable`, `busy`
  // and `timeout` running the same command again continues where this one stopped.
  Result<std::vector<RejectedInput>> send(const SplitBatch& batch);

  const UploadTotals& totals() const { return totals_; }

 private:
  std::string key_of(std::string_view body) const;
  Result<HttpResponse> send_until_answered(std::string_view body, const std::string& key);

  Connection& connection_;
  Io& io_;
  UploadTarget target_;
  std::uint64_t sequence_ = 0;
  UploadTotals totals_;
};

// zlib's gzip; the same bytes give the same result.
std::string gzip(std::string_view bytes);

}  // namespace sightline::cli
