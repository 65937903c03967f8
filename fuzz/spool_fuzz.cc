// A spool whose files were changed in any way, and opened. It does not fail; every batch whose bytes are all there
// comes back as it was appended, and of every other one before the last that came back it is told. The input is a list
// of changes: kind, file, offset (two bytes), length, and as many bytes where the kind takes some.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "agent/spool/frame.h"
#include "agent/spool/little_endian.h"
#include "agent/spool/segment_header.h"
#include "agent/spool/spool.h"

namespace {

using namespace sightline::agent;
namespace fs = std::filesystem;

constexpr std::uint64_t kBatches = 12;
constexpr std::uint64_t kAcknowledged = 2;
constexpr std::uint64_t kStateRecordDistance = 4'096;
constexpr std::size_t kStateRecordBytes = 72;

void require(bool holds) {
  if (!holds) std::abort();
}

std::string read(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

Batch batch(std::uint64_t number) {
  Batch made{number % 2 == 0 ? "audit" : "journald", "auditd", number, 1, 2, "cursor " + std::to_string(number), ""};
  made.body.assign(number * 37 % 300, static_cast<char>(number));
  made.body += kFrameMagic;  // looks like a frame's beginning
  made.body.append(80, 'x');
  return made;
}

struct Frame {
  std::string file;
  std::string bytes;
};

// The folder as it is before anything is changed.
struct Original {
  fs::path folder;
  std::map<std::string, std::string> files;
  std::map<std::uint64_t, Frame> frames;
  std::uint64_t epoch = 0;

  Spool::Options options() const { return {folder, 1U << 20U, 1'000, 0}; }

  Original() {
    std::string name =
        (fs::is_directory("/dev/shm") ? "/dev/shm" : fs::temp_directory_path().string()) + "/spool-XXXXXX";
    require(::mkdtemp(name.data()) != nullptr);
    folder = name;
    {
      const auto spool = Spool::open(options());
      require(spool.has_value());
      for (std::uint64_t number = 1; number <= kBatches; ++number) require(*(*spool)->append(batch(number)) == number);
      require((*spool)->acknowledge(kAcknowledged).has_value());
      epoch = (*spool)->epoch();
    }
    for (const auto& entry : fs::directory_iterator(folder)) files[entry.path().filename()] = read(entry.path());
    for (const auto& [file, bytes] : files) {
      if (file.ends_with(".segment")) find_frames(file, bytes);
    }
    require(frames.size() == kBatches && files.size() >= 4);
  }
  ~Original() { fs::remove_all(folder); }

  void find_frames(const std::string& file, const std::string& bytes) {
    const auto header = parse_segment_header(bytes);
    require(header.has_value());
    for (std::size_t at = header->size(); at < bytes.size();) {
      const auto head = parse_head(std::string_view(bytes).substr(at), {header->key, header->number});
      require(head.has_value());
      frames[head->sequence] = {file, bytes.substr(at, head->frame_bytes())};
      at += head->frame_bytes();
    }
  }
};

class Input {
 public:
  explicit Input(std::string_view bytes) : bytes_(bytes) {}
  bool has_change() const { return bytes_.size() >= 5; }
  template <class Integer>
  Integer number() {
    return take<Integer>(bytes_);
  }
  std::string_view text(std::size_t size) {
    const std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(taken.size());
    return taken;
  }

 private:
  std::string_view bytes_;
};

void change(std::map<std::string, std::string>& files, Input& input) {
  const auto kind = input.number<std::uint8_t>();
  const auto which = input.number<std::uint8_t>();
  const auto place = input.number<std::uint16_t>();
  const auto length = input.number<std::uint8_t>();
  if (files.empty()) return;
  auto file = files.begin();
  std::advance(file, which % files.size());
  std::string& bytes = file->second;
  const std::size_t offset = bytes.empty() ? 0 : place % (bytes.size() + 1);
  switch (kind % 8) {
    case 0: {
      const std::string_view text = input.text(std::min<std::size_t>(length, bytes.size() - offset));
      bytes.replace(offset, text.size(), text);
      return;
    }
    case 1:
      bytes.resize(offset);
      return;
    case 2:
      bytes.insert(offset, input.text(length));
      return;
    case 3:
      bytes.erase(offset, length);
      return;
    case 4:
      files.erase(file);
      return;
    case 5:
      bytes = input.text(place);
      return;
    case 6:
      std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(offset), bytes.end(), '\0');
      return;
    default:
      files[std::string(19, '0') + std::to_string(which % 10) + ".segment"].append(input.text(length));
  }
}

void restore(const Original& original, const std::map<std::string, std::string>& files) {
  for (const auto& entry : fs::directory_iterator(original.folder)) fs::remove_all(entry.path());
  for (const auto& [file, bytes] : files) std::ofstream(original.folder / file, std::ios::binary) << bytes;
}

bool same_there(const Original& original, const std::map<std::string, std::string>& files, const std::string& file,
                std::size_t offset, std::size_t size) {
  const auto now = files.find(file);
  const auto before = original.files.find(file);
  return now != files.end() && before != original.files.end() && now->second.size() >= offset + size &&
         now->second.compare(offset, size, before->second, offset, size) == 0;
}

bool has_state(const Original& original, const std::map<std::string, std::string>& files) {
  return same_there(original, files, "state", 0, kStateRecordBytes) ||
         same_there(original, files, "state", kStateRecordDistance, kStateRecordBytes);
}

// What comes out, each acknowledged.
std::map<std::uint64_t, Batch> drain(Spool& spool) {
  std::map<std::uint64_t, Batch> drained;
  while (true) {
    auto oldest = spool.oldest();
    require(oldest.has_value());
    if (!*oldest) return drained;
    require(drained.empty() || (*oldest)->sequence > drained.rbegin()->first);
    require(spool.acknowledge((*oldest)->sequence).has_value());
    drained[(*oldest)->sequence] = std::move((*oldest)->batch);
  }
}

// Every whole frame but those that were acknowledged, where that is known; and nothing that never was.
void check(const Original& original, const std::map<std::string, std::string>& files,
           const std::map<std::uint64_t, Batch>& drained, const std::vector<Damage>& damage) {
  std::set<std::uint64_t> told;
  for (const Damage& entry : damage) {
    for (auto i = entry.first_sequence; i != 0 && i <= std::min(entry.last_sequence, kBatches); ++i) told.insert(i);
  }
  for (const auto& [sequence, stored] : drained) require(sequence <= kBatches && stored == batch(sequence));
  for (const auto& [sequence, frame] : original.frames) {
    if (sequence <= kAcknowledged || drained.contains(sequence)) continue;
    const auto now = files.find(frame.file);
    require(now == files.end() || now->second.find(frame.bytes) == std::string::npos);
    require(drained.empty() || sequence > drained.rbegin()->first || told.contains(sequence) ||
            !has_state(original, files));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Original original;
  auto files = original.files;
  Input input({reinterpret_cast<const char*>(data), size});
  for (int i = 0; i < 8 && input.has_change(); ++i) change(files, input);
  restore(original, files);
  bool readable = has_state(original, files);
  for (const auto& [file, bytes] : original.files) {
    readable = readable || (file.ends_with(".segment") && same_there(original, files, file, 0, kSegmentHeaderBytes));
  }
  // A newest segment that is gone may have been the only one.
  const bool any_segment =
      std::ranges::any_of(files, [](const auto& entry) { return entry.first.ends_with(".segment"); });

  const auto spool = Spool::open(original.options());
  require(spool.has_value());
  const auto drained = drain(**spool);
  if (readable && any_segment) {
    require((*spool)->epoch() == original.epoch);
    check(original, files, drained, (*spool)->take_damage());
  } else {
    require(drained.empty());
  }
  require((*spool)->stats().batches == 0);
  const auto next = (*spool)->append(batch(1));
  require(next.has_value() && (drained.empty() || *next > drained.rbegin()->first));
  require(drain(**spool).contains(*next));
  return 0;
}
