#include "store/clickhouse/json_scanner.h"

namespace sightline::store::clickhouse {
namespace {

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }
bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20; }
bool is_bare(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-' || c == '+' || c == '.' || c == 'E';
}

std::size_t string_end(std::string_view text, std::size_t begin) {
  for (std::size_t i = begin + 1; i < text.size(); ++i) {
    if (text[i] == '"') return i + 1;
    if (text[i] == '\\') {
      ++i;
    } else if (is_control(text[i])) {
      break;
    }
  }
  return std::string_view::npos;
}

}  // namespace

std::size_t scalar_end(std::string_view text, std::size_t begin) {
  if (begin >= text.size()) return std::string_view::npos;
  if (text[begin] == '"') return string_end(text, begin);
  if (is_control(text[begin])) return is_space(text[begin]) ? std::string_view::npos : begin + 1;
  std::size_t end = begin;
  while (end < text.size() && is_bare(text[end])) ++end;
  return end == begin ? std::string_view::npos : end;
}

void JsonScanner::skip_space() {
  while (at_ < text_.size() && is_space(text_[at_])) ++at_;
}

bool JsonScanner::fail() {
  failed_ = true;
  return false;
}

bool JsonScanner::open(bool object) {
  if (levels_.size() == kMaxDepth) return fail();
  levels_.push_back({object, path_.size()});
  ++at_;
  skip_space();
  value_expected_ = at_ >= text_.size() || text_[at_] != (object ? '}' : ']');
  return !value_expected_ || !object || read_key();
}

bool JsonScanner::read_key() {
  const std::size_t end = scalar_end(text_, at_);
  if (end == std::string_view::npos || text_[at_] != '"') return fail();
  const std::string_view key = text_.substr(at_ + 1, end - at_ - 2);
  if (key.find('\\') != std::string_view::npos) return fail();
  path_.resize(levels_.back().path_size);
  if (!path_.empty()) path_ += '.';
  path_ += key;
  at_ = end;
  skip_space();
  if (at_ >= text_.size() || text_[at_] != ':') return fail();
  ++at_;
  return true;
}

bool JsonScanner::next(Scalar& scalar) {
  while (!failed_) {
    skip_space();
    if (at_ >= text_.size()) return !levels_.empty() || value_expected_ ? fail() : false;
    const char c = text_[at_];
    if (value_expected_) {
      if (c == '{' || c == '[') {
        if (!open(c == '{')) return false;
        continue;
      }
      scalar = {.begin = at_, .end = scalar_end(text_, at_), .path = path_};
      if (scalar.end == std::string_view::npos) return fail();
      at_ = scalar.end;
      value_expected_ = false;
      return true;
    }
    if (levels_.empty()) return fail();  // something behind the document
    ++at_;
    if (c == ',') {
      value_expected_ = true;
      skip_space();
      if (levels_.back().object && !read_key()) return false;
    } else if (c == (levels_.back().object ? '}' : ']')) {
      path_.resize(levels_.back().path_size);
      levels_.pop_back();
    } else {
      return fail();
    }
  }
  return false;
}

}  // namespace sightline::store::clickhouse
