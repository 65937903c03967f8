#include "detect/testing/sigma_cases.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <optional>
#include <stdexcept>

namespace sightline::detect::testing {
namespace {

namespace fs = std::filesystem;

// What follows the word, where the line begins with it.
std::optional<std::string> after(const std::string& line, std::string_view word) {
  if (!line.starts_with(word)) return std::nullopt;
  return line.substr(word.size());
}

class CaseReader {
 public:
  explicit CaseReader(fs::path file) : file_(std::move(file)) {}

  std::vector<SigmaCase> read() {
    std::ifstream in(file_);
    if (!in) mistake("cannot be read");
    for (std::string line; std::getline(in, line);) {
      ++line_;
      if (line.empty() || line.starts_with('#')) continue;
      take(line);
    }
    finish();
    if (cases_.empty()) mistake("the file has no case");
    return std::move(cases_);
  }

 private:
  void take(const std::string& line) {
    if (const auto title = after(line, "case ")) {
      finish();
      SigmaCase& made = cases_.emplace_back();
      made.line = line_;
      made.title = *title;
      body_ = &made.detection;
      return;
    }
    if (cases_.empty()) mistake("expected \"case …\"");
    SigmaCase& current = cases_.back();
    if (line.starts_with("  ") && body_ != nullptr) {
      body_->append(line.substr(body_ == &current.detection ? 0 : 2)).append("\n");
      return;
    }
    body_ = nullptr;
    if (const auto title = after(line, "filter ")) {
      body_ = &current.filters.emplace_back(fmt::format("title: {}\n", *title));
    } else if (const auto source = after(line, "source ")) {
      current.log_source = *source;
      body_ = &current.detection;
    } else if (auto event = after(line, "match ")) {
      current.matching.push_back(std::move(*event));
    } else if (auto other = after(line, "no match ")) {
      current.others.push_back(std::move(*other));
    } else if (const auto refused = after(line, "refused ")) {
      take_refusal(current, *refused);
    } else if (auto inactive = after(line, "inactive ")) {
      current.inactive = std::move(*inactive);
    } else {
      mistake("expected case, filter, source, match, no match, refused, inactive, or two blanks");
    }
  }

  void take_refusal(SigmaCase& current, const std::string& text) {
    const std::size_t colon = text.find(": ");
    const char* end = text.data() + std::min(colon, text.size());
    const auto [stop, error] = std::from_chars(text.data(), end, current.refused_line);
    if (colon == std::string::npos || error != std::errc() || stop != end) mistake("expected \"refused LINE: …\"");
    current.refused = text.substr(colon + 2);
  }

  void finish() {
    if (cases_.empty()) return;
    const SigmaCase& last = cases_.back();
    const bool loads = last.refused.empty() && last.inactive.empty();
    if (loads && (last.matching.empty() || last.others.empty())) {
      mistake(fmt::format("\"{}\" needs an event that matches and one that does not", last.title));
    }
  }

  [[noreturn]] void mistake(std::string_view message) const {
    throw std::runtime_error(fmt::format("{}:{}: {}", file_.string(), line_, message));
  }

  fs::path file_;
  std::size_t line_ = 0;
  std::vector<SigmaCase> cases_;
  std::string* body_ = nullptr;  // of the last case: where lines with blanks before them go
};

fs::path folder() { return fs::path(SIGHTLINE_SOURCE_DIR) / "tests" / "sigma"; }

}  // namespace

std::vector<SigmaCase> load_sigma_cases(const fs::path& file) { return CaseReader(file).read(); }

std::vector<fs::path> sigma_case_files() {
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder())) {
    if (entry.path().extension() == ".txt") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

fs::path sigma_modifier_folder() { return folder() / "modifiers"; }

}  // namespace sightline::detect::testing
