// A file that another program appends lines to and replaces from time to time: auth.log, or a recorded file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "agent/collect/source.h"
#include "base/clock.h"
#include "base/descriptor.h"

struct statx;  // NOLINT(readability-identifier-naming): the system's name

namespace sightline::agent {

// Follows the name: where another file stands there, the old one is read until nothing came for a while, since programs
// go on writing to it until they are told; a file that was cut and has grown beyond what was read between two looks is
// not noticed. A file that was moved away
// while the agent did not run is looked for under NAME.1. Lines are handed on as they are, each as an event; a last
// line without its end waits for it, until the file is replaced.
class FileSource final : public Source {
 public:
  static constexpr std::size_t kMaxLineBytes = std::size_t{1} << 20U;  // a longer line is lost

  struct Options {
    std::string name;
    std::string format;
    std::filesystem::path file;
    std::string cursor;             // where an earlier run stopped; empty: there was none
    bool from_beginning = false;    // without a cursor: all that the file has; otherwise what is added from now on
    std::int64_t linger_ms = 5000;  // how long a replaced file must be quiet
  };

  // `clock` outlives it. The file need not be there yet.
  FileSource(Options options, const Clock& clock) : options_(std::move(options)), clock_(clock) {}

  std::string_view name() const override { return options_.name; }
  std::string_view format() const override { return options_.format; }
  int descriptor() const override { return -1; }
  bool can_wait() const override { return true; }
  Result<Progress> collect(Collected& out) override;
  bool holds_back() const override { return false; }
  void idle(std::int64_t, Collected&) override {}
  void finish(Collected&) override {}
  std::string cursor() const override;

 private:
  // Which file it is: names are given again, and so are inode numbers.
  struct Identity {
    std::uint64_t device = 0;  // only where the file system knows no births: numbers of devices may change at a boot
    std::uint64_t inode = 0;
    std::uint64_t born_ns = 0;  // 0: not known
    bool operator==(const Identity&) const = default;
  };
  struct Status {
    Identity identity;
    std::uint64_t size_bytes = 0;
    bool is_file = false;
  };
  struct Position {
    Identity identity;
    std::uint64_t offset = 0;
  };

  Result<bool> open(Collected& out);
  Result<bool> open_at(const std::filesystem::path& file, std::optional<Position> wanted, bool& fits);
  static Status to_status(const struct statx& status);
  static std::optional<Status> status_of(int descriptor);
  static std::optional<Status> status_of(const std::filesystem::path& file);
  static bool has_line_end_before(int descriptor, std::uint64_t offset);
  static std::uint64_t last_line_end(int descriptor);
  bool is_done_with(Identity now_there, Collected& out);
  // The end of the file was met: it may have been cut, or another may stand in its place.
  Progress look_at_end(std::uint64_t at, Collected& out);
  void take_lines(Collected& out);
  void lose(Collected& out, LossReason reason, std::string detail) const;
  void lose_some_between(Collected& out) const;
  static std::optional<Position> parse_cursor(std::string_view cursor);

  Options options_;
  const Clock& clock_;
  bool started_ = false;  // whether the cursor or the end of the file was looked for
  Descriptor file_;
  Identity identity_;
  std::uint64_t offset_ = 0;       // of what was handed on
  std::string held_;               // read, without a line end yet
  std::uint64_t line_offset_ = 0;  // of the line that is skipped
  // Of the file that stands in its place: what was seen there last, when first, and since when nothing came of the old
  // one.
  std::optional<Identity> replacement_;
  std::int64_t replaced_ms_ = 0;
  std::int64_t quiet_ms_ = 0;
  bool skipping_ = false;  // within a line that is too long
};

}  // namespace sightline::agent
