#include "sources/ndjson/line_splitter.h"

#include <algorithm>

#include "sources/decoder.h"

namespace sightline::ndjson {

void LineSplitter::write(std::string_view chunk, const Sink& sink) {
  while (!chunk.empty()) {
    const std::size_t newline = chunk.find('\n');
    if (newline == std::string_view::npos) {
      add(chunk);
      return;
    }
    const std::string_view part = chunk.substr(0, newline);
    chunk.remove_prefix(newline + 1);
    if (pending_size_ == 0) {
      end_line(part.substr(0, sources::kMaxLineBytes + 1), part.size(), sink);
    } else {
      add(part);
      end_line(pending_, pending_size_, sink);
    }
  }
}

void LineSplitter::finish(const Sink& sink) {
  if (pending_size_ != 0) end_line(pending_, pending_size_, sink);
}

void LineSplitter::add(std::string_view part) {
  pending_.append(part.substr(0, std::min(part.size(), sources::kMaxLineBytes + 1 - pending_.size())));
  pending_size_ += part.size();
}

void LineSplitter::end_line(std::string_view bytes, std::uint64_t size_bytes, const Sink& sink) {
  if (size_bytes == bytes.size() && bytes.ends_with('\r')) {
    bytes.remove_suffix(1);
    --size_bytes;
  }
  sink({bytes, number_++, size_bytes});
  if (pending_.capacity() > sources::kMaxLineBytes / 4) {
    std::string().swap(pending_);
  } else {
    pending_.clear();
  }
  pending_size_ = 0;
}

}  // namespace sightline::ndjson
