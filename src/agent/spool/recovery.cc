#include "agent/spool/recovery.h"

#include <algorithm>
#include <string>
#include <utility>

#include "agent/spool/folder.h"
#include "agent/spool/segment_reader.h"

namespace sightline::agent {

namespace fs = std::filesystem;

namespace {

using Found = SegmentReader::Found;

constexpr std::uint64_t kMaxSegmentFrames = 1U << 20U;  // more than fit

struct File {
  std::uint64_t number = 0;
  std::uint64_t size = 0;
  std::optional<SegmentHeader> header;  // nothing: damaged
  bool foreign = false;                 // the header is of another file
  std::optional<Cursors> cursors;       // nothing: damaged
};

Result<File> read_file(const fs::path& folder, std::uint64_t number) {
  const auto reader = SegmentReader::open(segment_path(folder, number), {});
  if (!reader) return std::unexpected(reader.error());
  const auto size = reader->size();
  const auto start = reader->read(0, kSegmentHeaderBytes);
  if (!size || !start) return std::unexpected(!size ? size.error() : start.error());
  File file{number, *size, std::nullopt, false, std::nullopt};
  auto header = parse_segment_header(*start);
  if (!header && header.error().code == ErrorCode::conflict) return std::unexpected(header.error());
  if (!header) return file;
  file.foreign = header->number != number;
  file.header = *header;
  const auto tail = reader->read(kSegmentHeaderBytes, header->cursors_size);
  if (!tail) return std::unexpected(tail.error());
  if (auto cursors = parse_cursors(*header, *tail)) file.cursors = std::move(*cursors);
  return file;
}

// A crash can leave a file that is as long as its last frame while blocks at its end were never written: from the
// frame's beginning, or from the beginning of a sector, there are only zeros.
Result<bool> ends_unwritten(const SegmentReader& reader, std::uint64_t begin, std::uint64_t end) {
  constexpr std::uint64_t kSector = 512;
  constexpr std::uint64_t kLeast = 64;  // fewer zeros may be anything's
  std::uint64_t zeros = end;            // where they begin
  while (zeros > begin) {
    const std::uint64_t size = std::min<std::uint64_t>(64UL << 10U, zeros - begin);
    const auto bytes = reader.read(zeros - size, size);
    if (!bytes) return std::unexpected(bytes.error());
    const std::size_t last = bytes->find_last_not_of('\0');
    zeros -= last == std::string::npos ? size : size - last - 1;
    if (last != std::string::npos) break;
  }
  const bool from_sector = (zeros + kSector - 1) / kSector * kSector < end;
  return end - zeros >= kLeast && (zeros == begin || from_sector);
}

class Recovery {
 public:
  Recovery(const fs::path& folder, const std::optional<SpoolState>& state) : folder_(folder), state_(state) {}

  Result<Recovered> run() {
    if (auto read = read_files(); !read) return std::unexpected(read.error());
    identify();
    choose_segments();
    begin_sequences();
    for (std::size_t i = 0; i < recovered_.segments.size(); ++i) {
      if (auto gone_through = go_through(i); !gone_through) return std::unexpected(gone_through.error());
    }
    recovered_.oldest_sequence = oldest_.value_or(recovered_.next_sequence);
    return std::move(recovered_);
  }

 private:
  Result<void> read_files() {
    const auto numbers = list_segments(folder_);
    if (!numbers) return std::unexpected(numbers.error());
    for (const std::uint64_t number : *numbers) {
      auto file = read_file(folder_, number);
      if (!file) return std::unexpected(file.error());
      files_.push_back(std::move(*file));
      recovered_.next_number = number + 1;
    }
    return {};
  }

  // The newest header says whose folder it is; without any the state does; without both it is a new spool. So it is
  // without any segment: one is always kept, and if it is lost nobody knows which sequences were used.
  void identify() {
    if (files_.empty() && state_) {
      if (state_->newest_segment != 0) tell("", "all segments are gone: a new epoch begins");
      state_ = std::nullopt;
    }
    const auto is_ours = [](const File& file) { return file.header && !file.foreign; };
    const auto newest = std::find_if(files_.rbegin(), files_.rend(), is_ours);
    if (newest != files_.rend()) {
      recovered_.key = newest->header->key;
      recovered_.epoch = newest->header->epoch;
    } else if (state_) {
      recovered_.key = state_->key;
      recovered_.epoch = state_->epoch;
    } else {
      if (!files_.empty()) tell("", "no segment can be read without a header or the state: a new epoch begins");
      recovered_.key = draw_key();
      recovered_.epoch = draw_epoch();
    }
    if (state_ && state_->key != recovered_.key) {
      tell("state", "it is another spool's: batches may be sent again");
      state_ = std::nullopt;
    }
  }

  void choose_segments() {
    for (File& file : files_) {
      const std::string name = segment_path("", file.number).string();
      if (file.foreign || (file.header && file.header->key != recovered_.key)) {
        tell(name, "it is another spool's, or was renamed, and is left alone");
        continue;
      }
      if (!file.header) tell(name, "its header is damaged");
      if (file.header && !file.cursors) tell(name, "the cursors in its header are damaged");
      const Segment segment{file.number, file.header && file.cursors ? file.header->size() : 0, file.size,
                            file.header ? file.header->first_sequence : 0};
      recovered_.segments.push_back(segment);
      cursors_.push_back(std::move(file.cursors));
    }
  }

  void begin_sequences() {
    const std::uint64_t newest = recovered_.segments.empty() ? 0 : recovered_.segments.back().number;
    // The newest segment is gone: any sequence that it had room for may have been used.
    if (state_ && state_->newest_segment > newest) reach(state_->newest_first + kMaxSegmentFrames);
    if (state_) {
      oldest_ = state_->acknowledged + 1;
    } else if (recovered_.segments.empty()) {
      oldest_ = 1;
    } else if (recovered_.segments.front().first_sequence != 0) {
      oldest_ = recovered_.segments.front().first_sequence;
    }
    reach(oldest_.value_or(1));
  }

  // Sequences below this are not to be used again.
  void reach(std::uint64_t next) { recovered_.next_sequence = std::max(recovered_.next_sequence, next); }

  Result<void> go_through(std::size_t index) {
    Segment& segment = recovered_.segments[index];
    const bool newest = index + 1 == recovered_.segments.size();
    const auto reader = SegmentReader::open(segment_path(folder_, segment.number), {recovered_.key, segment.number});
    if (!reader) return std::unexpected(reader.error());
    // What a killed process left may be in memory only, and is about to be sent.
    if (auto synced = newest ? reader->sync() : Result<void>(); !synced) return synced;
    if (const auto& cursors = cursors_[index]) recovered_.cursors = *cursors;
    reach(segment.first_sequence);
    std::uint64_t frames_end = segment.start;
    std::uint64_t offset = segment.start;
    while (true) {
      const auto found =
          reader->find({offset, segment.end, last_seen_ + 1, sequence_limit(recovered_.segments, index)});
      if (!found) return std::unexpected(found.error());
      if (!*found) break;
      const auto torn = newest ? is_unwritten(*reader, **found, segment.end) : Result<bool>(false);
      if (!torn) return std::unexpected(torn.error());
      if (*torn) break;
      if (auto counted = count(*reader, **found); !counted) return counted;
      const auto next = reader->offset_after(**found);
      if (!next) return std::unexpected(next.error());
      offset = *next;
      frames_end = (*found)->offset + (*found)->head.frame_bytes();
    }
    return newest ? judge_end(*reader, segment, frames_end) : Result<void>();
  }

  // The last frame, with a head that is whole and an end that never reached the disk.
  static Result<bool> is_unwritten(const SegmentReader& reader, const Found& found, std::uint64_t end) {
    if (found.offset + found.head.frame_bytes() != end) return false;
    const auto trailer = reader.trailer_before(end);
    if (!trailer) return std::unexpected(trailer.error());
    return *trailer ? Result<bool>(false) : ends_unwritten(reader, found.offset, end);
  }

  Result<void> count(const SegmentReader& reader, const Found& found) {
    const FrameHead& head = found.head;
    last_seen_ = head.sequence;
    reach(head.sequence + 1);
    if (!oldest_) oldest_ = head.sequence;
    if (head.sequence >= *oldest_) {
      ++recovered_.batches;
      recovered_.events += head.events;
    }
    auto names = reader.read_names(found);
    if (!names) return std::unexpected(names.error());
    if (*names) recovered_.cursors[(*names)->source] = (*names)->cursor;
    return {};
  }

  // What is behind the last frame of the newest segment: what a crash left of one that was never reported, which is no
  // damage; or frames that were reported, whose sequences must not be used again.
  Result<void> judge_end(const SegmentReader& reader, Segment& segment, std::uint64_t frames_end) {
    const std::uint64_t rest = segment.end - frames_end;
    const auto trailer = reader.trailer_before(segment.end);
    if (!trailer) return std::unexpected(trailer.error());
    if (*trailer) {
      reach(**trailer + 1);
      return {};
    }
    const auto head = reader.find_head(frames_end, segment.end);
    const auto unwritten = ends_unwritten(reader, frames_end, segment.end);
    if (!head || !unwritten) return std::unexpected(!head ? head.error() : unwritten.error());
    if (rest < kHeadBytes || *unwritten || (*head && (*head)->offset == frames_end)) {
      segment.end = frames_end;
    } else if (*head) {
      reach((*head)->head.sequence);  // a torn one; what was before it is damaged
    } else {
      reach(recovered_.next_sequence + rest / kMinFrameBytes);  // so many at most
    }
    return {};
  }

  void tell(const std::string& name, std::string what) {
    Damage damage;
    damage.file = folder_ / name;
    damage.what = std::move(what);
    recovered_.damage.push_back(std::move(damage));
  }

  fs::path folder_;
  std::optional<SpoolState> state_;
  std::vector<File> files_;
  std::vector<std::optional<Cursors>> cursors_;  // of the headers of recovered_.segments
  std::optional<std::uint64_t> oldest_;          // nothing: not known yet
  std::uint64_t last_seen_ = 0;
  Recovered recovered_;
};

}  // namespace

std::uint64_t sequence_limit(const std::deque<Segment>& segments, std::size_t index) {
  for (std::size_t i = index + 1; i < segments.size(); ++i) {
    if (segments[i].first_sequence != 0) return segments[i].first_sequence;
  }
  return UINT64_MAX;
}

Result<Recovered> recover(const fs::path& folder, const std::optional<SpoolState>& state) {
  return Recovery(folder, state).run();
}

}  // namespace sightline::agent
