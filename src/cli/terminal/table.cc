#include "cli/terminal/table.h"

#include <algorithm>
#include <numeric>

namespace sightline::cli {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kNarrowest = 12;  // a shrunk column still says something

std::size_t line_width(const std::vector<std::size_t>& shown, const std::vector<std::size_t>& widths) {
  std::size_t total = shown.empty() ? 0 : kGap * (shown.size() - 1);
  for (const std::size_t column : shown) total += widths[column];
  return total;
}

// Takes cells from the widest shrinkable columns until the line fits or all are at their narrowest.
void shrink(const std::vector<TableColumn>& columns, const std::vector<std::size_t>& shown,
            std::vector<std::size_t>& widths, std::size_t target) {
  while (line_width(shown, widths) > target) {
    std::size_t* widest = nullptr;
    std::size_t second = kNarrowest;
    for (const std::size_t column : shown) {
      if (!columns[column].may_shrink) continue;
      if (widest == nullptr || widths[column] > *widest) {
        if (widest != nullptr) second = std::max(second, *widest);
        widest = &widths[column];
      } else {
        second = std::max(second, widths[column]);
      }
    }
    if (widest == nullptr || *widest <= kNarrowest) return;
    const std::size_t excess = line_width(shown, widths) - target;
    const std::size_t floor = std::max(second == *widest ? second - 1 : second, kNarrowest);
    *widest = std::max(*widest > excess ? *widest - excess : 0, floor);
  }
}

}  // namespace

Table::Table(std::vector<TableColumn> columns) : columns_(std::move(columns)) {}

void Table::add_row(std::vector<TableCell> cells) {
  cells.resize(columns_.size());
  for (TableCell& cell : cells) cell.text = printable(cell.text);
  rows_.push_back(std::move(cells));
}

std::vector<std::size_t> Table::visible_columns() const {
  std::vector<std::size_t> shown;
  for (std::size_t column = 0; column < columns_.size(); ++column) {
    const bool any = std::ranges::any_of(rows_, [&](const auto& row) { return !row[column].text.empty(); });
    if (any || rows_.empty()) shown.push_back(column);
  }
  return shown;
}

std::vector<std::size_t> Table::natural_widths() const {
  std::vector<std::size_t> widths;
  for (std::size_t column = 0; column < columns_.size(); ++column) {
    std::size_t width = display_width(columns_[column].title);
    for (const auto& row : rows_) width = std::max(width, display_width(row[column].text));
    widths.push_back(width);
  }
  return widths;
}

std::string Table::render(const TableLayout& layout) {
  std::vector<std::size_t> shown = visible_columns();
  std::vector<std::size_t> widths = natural_widths();
  hidden_columns_ = 0;
  if (layout.width != 0) {
    const std::vector<std::size_t> natural = widths;
    shrink(columns_, shown, widths, layout.width);
    while (line_width(shown, widths) > layout.width && shown.size() > 1) {
      shown.pop_back();
      ++hidden_columns_;
      widths = natural;
      shrink(columns_, shown, widths, layout.width);
    }
    // One column left that may not shrink is still cut rather than wrapped.
    if (line_width(shown, widths) > layout.width) widths[shown.front()] = layout.width;
  }
  std::string out;
  std::vector<TableCell> header;
  for (const TableColumn& column : columns_) header.push_back({printable(column.title), Style::bold});
  append_line(out, header, shown, widths, layout.colour);
  for (const auto& row : rows_) append_line(out, row, shown, widths, layout.colour);
  return out;
}

void Table::append_line(std::string& out, const std::vector<TableCell>& cells, const std::vector<std::size_t>& shown,
                        const std::vector<std::size_t>& widths, bool colour) const {
  std::size_t owed_spaces = 0;  // written only before more text, so that lines have no trailing spaces
  for (const std::size_t column : shown) {
    const std::string text = fit(cells[column].text, widths[column]);
    const std::size_t padding = widths[column] - std::min(widths[column], display_width(text));
    if (columns_[column].align_right) owed_spaces += padding;
    if (!text.empty()) {
      out.append(owed_spaces, ' ');
      owed_spaces = 0;
      out += styled(text, cells[column].style, colour);
    }
    if (!columns_[column].align_right) owed_spaces += padding;
    owed_spaces += kGap;
  }
  out += '\n';
}

}  // namespace sightline::cli
