#include "agent/spool/state_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "agent/spool/little_endian.h"

namespace sightline::agent {

namespace {

constexpr std::string_view kMagic = "SLSTATE\x01";
constexpr std::size_t kRecordBytes = 72;
constexpr std::uint64_t kRecordDistance = 4'096;  // so that no block holds both

struct Record {
  SpoolState state;
  std::uint64_t generation = 0;
};

std::string to_bytes(const Record& record) {
  std::string bytes(kMagic);
  bytes.append(record.state.key.begin(), record.state.key.end());
  put(bytes, record.state.epoch);
  put(bytes, record.state.acknowledged);
  put(bytes, record.state.newest_segment);
  put(bytes, record.state.newest_first);
  put(bytes, record.generation);
  put(bytes, keyed_check(record.state.key, bytes));
  return bytes;
}

std::optional<Record> parse_record(std::string_view bytes) {
  if (bytes.size() != kRecordBytes || !bytes.starts_with(kMagic)) return std::nullopt;
  Record record;
  std::string_view rest = bytes.substr(kMagic.size());
  std::copy_n(rest.begin(), record.state.key.size(), record.state.key.begin());
  rest.remove_prefix(record.state.key.size());
  record.state.epoch = take<std::uint64_t>(rest);
  record.state.acknowledged = take<std::uint64_t>(rest);
  record.state.newest_segment = take<std::uint64_t>(rest);
  record.state.newest_first = take<std::uint64_t>(rest);
  record.generation = take<std::uint64_t>(rest);
  return to_bytes(record) == bytes ? std::optional(record) : std::nullopt;
}

}  // namespace

Result<StateFile> StateFile::open(const std::filesystem::path& file) {
  Descriptor descriptor(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!descriptor.open()) return system_error("cannot open", file);
  StateFile state(file, std::move(descriptor));
  state.read();
  return state;
}

void StateFile::read() {
  for (const std::uint64_t offset : {std::uint64_t{0}, kRecordDistance}) {
    std::array<char, kRecordBytes> bytes{};
    const ssize_t size = ::pread(descriptor_.number(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (size == 0) continue;
    const auto record = parse_record({bytes.data(), size > 0 ? static_cast<std::size_t>(size) : 0});
    // A record that is all zeros was never written.
    const bool blank = std::ranges::all_of(bytes, [](char byte) { return byte == 0; });
    if (!record && (size < 0 || !blank)) damaged_ = true;
    if (!record || (stored_ && record->generation < generation_)) continue;
    stored_ = record->state;
    generation_ = record->generation;
  }
}

Result<void> StateFile::write(const SpoolState& state) {
  ++generation_;
  const std::string bytes = to_bytes(Record{state, generation_});
  const auto offset = static_cast<off_t>(generation_ % 2 * kRecordDistance);
  if (::pwrite(descriptor_.number(), bytes.data(), bytes.size(), offset) != static_cast<ssize_t>(bytes.size())) {
    return system_error("cannot write", file_);
  }
  return {};
}

Result<void> StateFile::sync() {
  if (::fdatasync(descriptor_.number()) != 0) return system_error("cannot write to disk", file_);
  return {};
}

}  // namespace sightline::agent
