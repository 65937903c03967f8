#include "agent/spool/segment_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <string>

#include "agent/spool/folder.h"

namespace sightline::agent {

namespace fs = std::filesystem;

Result<SegmentWriter> SegmentWriter::create(const fs::path& folder, const SegmentHeader& header,
                                            const Cursors& cursors) {
  const fs::path file = segment_path(folder, header.number);
  const fs::path unfinished = fs::path(file).replace_extension(".new");
  const std::string bytes = to_bytes(header, cursors);
  const auto make = [&]() -> Result<Descriptor> {
    Descriptor made(::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!made.open()) return system_error("cannot make", unfinished);
    if (auto written = write_all(made.number(), bytes, unfinished); !written) return std::unexpected(written.error());
    if (::fsync(made.number()) != 0) return system_error("cannot write to disk", unfinished);
    // Under its name it has a header, whenever the power fails.
    if (::rename(unfinished.c_str(), file.c_str()) != 0) return system_error("cannot make", file);
    if (auto synced = sync_folder(folder); !synced) return std::unexpected(synced.error());
    return made;
  };
  auto made = make();
  if (!made) {
    ::unlink(unfinished.c_str());
    ::unlink(file.c_str());
    return std::unexpected(made.error());
  }
  return SegmentWriter(file, std::move(*made), {header.key, header.number}, bytes.size());
}

Result<void> SegmentWriter::append(const Batch& batch, std::uint64_t sequence) {
  if (auto written = write_frame(batch, sequence); !written) {
    usable_ = cut_back();
    return written;
  }
  if (::fdatasync(descriptor_.number()) != 0) {
    auto failed = system_error("cannot write to disk", file_);
    // The system may have dropped what it could not write and say of the next sync that all is well.
    usable_ = false;
    cut_back();
    return failed;
  }
  size_ += frame_bytes(batch);
  return {};
}

// In this order, so that a frame that a crash tore begins with a whole head and lacks its end.
Result<void> SegmentWriter::write_frame(const Batch& batch, std::uint64_t sequence) {
  const int target = descriptor_.number();
  if (auto written = write_all(target, frame_start(batch, sequence, seal_), file_); !written) return written;
  if (auto written = write_all(target, batch.body, file_); !written) return written;
  return write_all(target, frame_trailer(sequence, seal_), file_);
}

bool SegmentWriter::cut_back() {
  const auto end = static_cast<off_t>(size_);
  return ::ftruncate(descriptor_.number(), end) == 0 && ::lseek(descriptor_.number(), end, SEEK_SET) == end;
}

}  // namespace sightline::agent
