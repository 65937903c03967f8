#include "cli/uploader.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <iterator>

#include "base/hash.h"

namespace sightline::cli {
namespace {

constexpr std::int64_t kFirstWaitMs = 500;
constexpr std::int64_t kLongestWaitMs = 30'000;

// Whether the server may take the same request later.
bool may_succeed_later(const Result<HttpResponse>& response) {
  if (!response) return response.error().code == ErrorCode::unavailable || response.error().code == ErrorCode::timeout;
  constexpr int kLater[] = {429, 503, 504, 507};  // 507: the server's disk is full
  return std::ranges::find(kLater, response->status) != std::end(kLater);
}

std::vector<RejectedInput> rejected_of(const Json& answer, std::uint64_t first_line) {
  std::vector<RejectedInput> rejected;
  const Json* lines = answer.find("rejected");
  if (lines == nullptr) return rejected;
  for (const Json& line : lines->items) {
    const std::int64_t in_body = line.integer_of("line").value_or(1);
    rejected.push_back(
        {first_line + static_cast<std::uint64_t>(std::max<std::int64_t>(in_body, 1)) - 1, line.text_of("error")});
  }
  return rejected;
}

}  // namespace

// Of a file, the key follows from what is sent, so that sending the file again changes nothing; of a stream, from when
// it began, since the same bytes may come twice and mean two events.
std::string Uploader::key_of(std::string_view body) const {
  std::uint64_t epoch = target_.epoch;
  if (!target_.stream_id.empty()) {
    const Sha256Digest digest =
        Sha256().update_framed(target_.stream_id).update_framed(target_.path).update_framed(body).finish();
    for (const std::size_t i : {0U, 1U, 2U, 3U, 4U, 5U}) epoch = (epoch << 8U) | digest.at(i);
  }
  return fmt::format("{}/{}/{}", target_.source, epoch, sequence_);
}

Result<HttpResponse> Uploader::send_until_answered(std::string_view body, const std::string& key) {
  const std::int64_t give_up_ms = io_.clock.now_ms() + target_.retry_for_ms;
  for (std::int64_t wait_ms = kFirstWaitMs;; wait_ms = std::min(2 * wait_ms, kLongestWaitMs)) {
    HttpRequest request;
    request.method = "POST";
    request.body = body;
    request.headers = {{"Content-Type", "application/octet-stream"}, {"Idempotency-Key", key}};
    if (target_.compress) request.headers.emplace_back("Content-Encoding", "gzip");
    Result<HttpResponse> response = connection_.send(std::move(request), target_.path);
    if (!may_succeed_later(response)) return response;
    std::int64_t pause_ms = wait_ms;
    if (response && response->retry_after_s) pause_ms = std::min(*response->retry_after_s * 1000, kLongestWaitMs);
    if (io_.clock.now_ms() + pause_ms > give_up_ms) return response;
    ++totals_.retries;
    io_.sleep(pause_ms);
  }
}

Result<std::vector<RejectedInput>> Uploader::send(const SplitBatch& batch) {
  ++sequence_;
  const std::string compressed = target_.compress ? gzip(batch.body) : std::string();
  const std::string_view body = target_.compress ? compressed : batch.body;
  const Result<HttpResponse> response = send_until_answered(body, key_of(body));
  if (!response) return std::unexpected(response.error());
  if (response->status < 200 || response->status >= 300) {
    return std::unexpected(error_of_answer(*response, connection_.server(), connection_.has_token()));
  }
  const Result<Json> answer = parse_json(response->body);
  if (!answer)
    return fail(ErrorCode::unavailable, fmt::format("{} did not answer as a Sightline server", connection_.server()));
  std::vector<RejectedInput> rejected = rejected_of(*answer, batch.first_line);
  ++totals_.batches;
  const Json* replayed = answer->find("replayed");
  if (replayed != nullptr && replayed->text == "true") ++totals_.replayed_batches;
  totals_.accepted += static_cast<std::uint64_t>(answer->integer_of("accepted").value_or(0));
  const std::int64_t counted = answer->integer_of("rejected_count").value_or(0);
  totals_.rejected += std::max(rejected.size(), static_cast<std::size_t>(std::max<std::int64_t>(counted, 0)));
  totals_.sent_bytes += body.size();
  return rejected;
}

std::string gzip(std::string_view bytes) {
  constexpr int kGzipWindow = 15 + 16;  // zlib's way of asking for a gzip header
  constexpr int kFast = 1;
  z_stream stream{};
  deflateInit2(&stream, kFast, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace sightline::cli
