#include "query/diagnostic.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json_text.h"
#include "query/utf8.h"

namespace sightline::query {
namespace {

constexpr std::size_t kMaxColumns = 100;  // of a query's line that are shown
constexpr std::size_t kColumnsBefore = 60;

// One character of the line as it is shown, and where it came from.
struct Cell {
  std::string shown;
  std::size_t columns = 1;
  std::size_t begin = 0;  // offset in the query
};

bool in(char32_t c, char32_t first, char32_t last) { return c >= first && c <= last; }

// Close to what terminals do: combining marks take no column, East Asian characters and emoji two.
std::size_t columns_of(char32_t c) {
  if (in(c, 0x300, 0x36F) || in(c, 0x200B, 0x200F) || in(c, 0x20D0, 0x20FF) || in(c, 0xFE00, 0xFE0F)) return 0;
  const bool wide = in(c, 0x1100, 0x115F) || in(c, 0x2E80, 0xA4CF) || in(c, 0xAC00, 0xD7A3) || in(c, 0xF900, 0xFAFF) ||
                    in(c, 0xFE30, 0xFE6F) || in(c, 0xFF00, 0xFF60) || in(c, 0xFFE0, 0xFFE6) ||
                    in(c, 0x1F300, 0x1FAFF) || in(c, 0x20000, 0x3FFFD);
  return wide ? 2 : 1;
}

// Controls, and the marks that turn the direction of writing, could make a terminal show something else than is there.
bool is_harmful(char32_t c) { return c < 0x20 || in(c, 0x7F, 0x9F) || in(c, 0x202A, 0x202E) || in(c, 0x2066, 0x2069); }

std::vector<Cell> cells_of(std::string_view text, std::size_t begin, std::size_t end) {
  std::vector<Cell> cells;
  while (begin < end) {
    const std::size_t size = utf8_sequence_length(text.substr(begin, end - begin));
    if (size == 0) {
      cells.push_back({"\xEF\xBF\xBD", 1, begin++});
      continue;
    }
    const std::string_view sequence = text.substr(begin, size);
    const char32_t c = decode_sequence(sequence);
    if (c == '\t') {
      cells.push_back({" ", 1, begin});
    } else if (is_harmful(c)) {
      cells.push_back({"\xEF\xBF\xBD", 1, begin});
    } else {
      cells.push_back({std::string(sequence), columns_of(c), begin});
    }
    begin += size;
  }
  return cells;
}

// The part of the line around the place, and the marks below it.
std::string show_line(const std::vector<Cell>& cells, Span span) {
  std::size_t first =
      static_cast<std::size_t>(std::ranges::count_if(cells, [&](const Cell& cell) { return cell.begin < span.begin; }));
  std::size_t from = 0;
  if (cells.size() > kMaxColumns && first > kColumnsBefore) from = first - kColumnsBefore;
  const std::size_t to = std::min(cells.size(), from + kMaxColumns);

  std::string line = from > 0 ? "…" : "";
  std::string marks(from > 0 ? 1 : 0, ' ');
  bool marked = false;
  for (std::size_t i = from; i < to; ++i) {
    line += cells[i].shown;
    const bool inside = cells[i].begin >= span.begin && cells[i].begin < span.end;
    if (i < first) {
      marks.append(cells[i].columns, ' ');
    } else if (inside) {
      marks += marked ? std::string(cells[i].columns, '~') : "^" + std::string(cells[i].columns > 1 ? 1 : 0, '~');
      marked = true;
    }
  }
  if (!marked) marks += '^';
  if (to < cells.size()) line += "…";
  return fmt::format("  {}\n  {}", line, marks);
}

}  // namespace

std::string excerpt(std::string_view text) {
  constexpr std::size_t kMaxCells = 40;
  constexpr std::size_t kMaxBytes = 8 * kMaxCells;
  std::string shown;
  std::size_t count = 0;
  for (const Cell& cell : cells_of(text, 0, std::min(text.size(), kMaxBytes))) {
    if (count++ == kMaxCells) return shown + "…";
    shown += cell.shown;
  }
  return shown;
}

std::string render(const Diagnostic& diagnostic, std::string_view text) {
  std::string out = diagnostic.message;
  if (!text.empty()) {
    const std::size_t begin = std::min(diagnostic.span.begin, text.size());
    const std::string_view before = text.substr(0, begin);
    const std::size_t newline_before = before.rfind('\n');
    const std::size_t line_begin = newline_before == std::string_view::npos ? 0 : newline_before + 1;
    const std::size_t line_end = std::min(text.find('\n', begin), text.size());
    const auto line_number = std::ranges::count(before, '\n') + 1;
    const std::size_t column = cells_of(text, line_begin, begin).size() + 1;
    const Span span{begin, std::max(begin, std::min(diagnostic.span.end, line_end))};
    out += line_number > 1 ? fmt::format(" (line {}, column {})\n", line_number, column)
                           : fmt::format(" (column {})\n", column);
    out += show_line(cells_of(text, line_begin, line_end), span);
  }
  if (!diagnostic.expected.empty()) out += fmt::format("\nexpected: {}", diagnostic.expected);
  if (!diagnostic.hint.empty()) out += fmt::format("\nhint: {}", diagnostic.hint);
  return out;
}

}  // namespace sightline::query
