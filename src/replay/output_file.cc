#include "replay/output_file.h"

#include <fmt/format.h>
#include <zlib.h>

#include <cstdio>

namespace sightline::replay {

struct OutputFile::Handle {
  std::string name;
  std::FILE* plain = nullptr;
  gzFile compressed = nullptr;
  bool standard = false;
  bool failed = false;
};

void OutputFile::CloseHandle::operator()(Handle* handle) const {
  if (handle->plain != nullptr && !handle->standard) std::fclose(handle->plain);
  if (handle->compressed != nullptr) gzclose(handle->compressed);
  delete handle;
}

Result<OutputFile> OutputFile::open(const std::filesystem::path& path, bool gzip) {
  std::unique_ptr<Handle, CloseHandle> handle(new Handle{.name = path.string()});
  if (gzip) {
    handle->compressed = gzopen(path.c_str(), "wb6");
  } else {
    handle->plain = std::fopen(path.c_str(), "wb");
  }
  if (handle->plain == nullptr && handle->compressed == nullptr) {
    return fail(ErrorCode::unavailable, fmt::format("cannot write {}", path.string()));
  }
  return OutputFile(std::move(handle));
}

OutputFile OutputFile::standard_output() {
  return OutputFile(
      std::unique_ptr<Handle, CloseHandle>(new Handle{.name = "standard output", .plain = stdout, .standard = true}));
}

void OutputFile::write(std::string_view bytes) {
  if (bytes.empty() || handle_->failed) return;
  const bool good = handle_->compressed != nullptr
                        ? gzwrite(handle_->compressed, bytes.data(), static_cast<unsigned>(bytes.size())) ==
                              static_cast<int>(bytes.size())
                        : std::fwrite(bytes.data(), 1, bytes.size(), handle_->plain) == bytes.size();
  handle_->failed = !good;
  written_bytes_ += bytes.size();
}

Result<void> OutputFile::close() {
  bool good = !handle_->failed;
  if (handle_->compressed != nullptr) {
    good = gzclose(std::exchange(handle_->compressed, nullptr)) == Z_OK && good;
  } else if (handle_->standard) {
    good = std::fflush(stdout) == 0 && good;
  } else if (handle_->plain != nullptr) {
    good = std::fclose(std::exchange(handle_->plain, nullptr)) == 0 && good;
  }
  if (!good) return fail(ErrorCode::unavailable, fmt::format("writing {} failed", handle_->name));
  return {};
}

}  // namespace sightline::replay
