#include "agent/spool/segment_reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace sightline::agent {

Result<SegmentReader> SegmentReader::open(std::filesystem::path file, const FrameSeal& seal) {
  Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!descriptor.open() && errno == ENOENT) return fail(ErrorCode::not_found, "there is no " + file.string());
  if (!descriptor.open()) return system_error("cannot open", file);
  return SegmentReader(std::move(file), std::move(descriptor), seal);
}

Result<std::string> SegmentReader::read(std::uint64_t offset, std::uint64_t size) const {
  constexpr std::size_t kBlock = 4'096;
  std::string bytes(size, '\0');
  std::size_t most = bytes.size();  // in one call
  for (std::size_t done = 0; done < bytes.size();) {
    const std::size_t wanted = std::min(most, bytes.size() - done);
    const ssize_t got = ::pread(descriptor_.number(), bytes.data() + done, wanted, static_cast<off_t>(offset + done));
    if (got == 0) break;
    if (got > 0) {
      done += static_cast<std::size_t>(got);
    } else if (errno == EIO && wanted > kBlock) {
      most = kBlock;
    } else if (errno == EIO) {
      std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(done), wanted, '\0');
      done += wanted;
    } else if (errno != EINTR) {
      return system_error("cannot read", file_);
    }
  }
  return bytes;
}

Result<std::uint64_t> SegmentReader::size() const {
  struct stat status{};
  if (::fstat(descriptor_.number(), &status) != 0) return system_error("cannot read", file_);
  return static_cast<std::uint64_t>(status.st_size);
}

Result<void> SegmentReader::sync() const {
  if (::fdatasync(descriptor_.number()) != 0) return system_error("cannot write to disk", file_);
  return {};
}

Result<std::optional<SegmentReader::Found>> SegmentReader::find_head(std::uint64_t offset, std::uint64_t end) const {
  // First only the head that should be there: a segment is gone through without reading its bodies.
  std::uint64_t step = 1;
  while (offset + kHeadBytes <= end) {
    const auto chunk = read(offset, std::min(step + kHeadBytes - 1, end - offset));
    if (!chunk) return std::unexpected(chunk.error());
    const std::string_view bytes = *chunk;
    for (std::size_t at = bytes.find(kFrameMagic); at != std::string_view::npos && at + kHeadBytes <= bytes.size();
         at = bytes.find(kFrameMagic, at + 1)) {
      const auto head = parse_head(bytes.substr(at), seal_);
      if (head) return Found{*head, offset + at, head->frame_bytes() <= end - offset - at};
    }
    offset += step;
    step = 64UL << 10U;
  }
  return std::nullopt;
}

Result<std::optional<SegmentReader::Found>> SegmentReader::find(Range range) const {
  while (true) {
    auto found = find_head(range.offset, range.end);
    if (!found || !*found) return found;
    const FrameHead& head = (*found)->head;
    const bool wanted = head.sequence >= range.first_sequence && head.sequence < range.limit;
    if (wanted && (*found)->whole) return found;
    const auto next = (*found)->whole ? offset_after(**found) : Result<std::uint64_t>((*found)->offset + kHeadBytes);
    if (!next) return std::unexpected(next.error());
    range.offset = *next;
  }
}

Result<std::optional<Batch>> SegmentReader::read_names(const Found& found) const {
  const auto names = read(found.offset + kHeadBytes, found.head.names_bytes());
  if (!names) return std::unexpected(names.error());
  return parse_names(found.head, *names, seal_);
}

Result<std::optional<std::string>> SegmentReader::read_body(const Found& found) const {
  auto body = read(found.offset + found.head.body_offset(), found.head.body_size);
  if (!body) return std::unexpected(body.error());
  if (!is_body_intact(found.head, *body, seal_)) return std::nullopt;
  return std::move(*body);
}

Result<std::uint64_t> SegmentReader::offset_after(const Found& found) const {
  const std::uint64_t end = found.offset + found.head.frame_bytes();
  const auto trailer = trailer_before(end);
  if (!trailer) return std::unexpected(trailer.error());
  if (*trailer == found.head.sequence) return end;
  const auto body = read_body(found);
  if (!body) return std::unexpected(body.error());
  return *body ? end - kTrailerBytes : found.offset + kHeadBytes;
}

Result<std::optional<std::uint64_t>> SegmentReader::trailer_before(std::uint64_t end) const {
  if (end < kTrailerBytes) return std::nullopt;
  const auto trailer = read(end - kTrailerBytes, kTrailerBytes);
  if (!trailer) return std::unexpected(trailer.error());
  return parse_trailer(*trailer, seal_);
}

}  // namespace sightline::agent
