// A table of text for people, fitted to the terminal.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "cli/terminal/terminal_text.h"

namespace sightline::cli {

struct TableColumn {
  std::string title;
  bool align_right = false;
  bool may_shrink = true;  // false: times, counts and ids are worth nothing when cut
};

struct TableCell {
  std::string text;  // any bytes: the table makes them printable
  Style style = Style::plain;
};

struct TableLayout {
  std::size_t width = 0;  // cells of a line; 0: as wide as the content, nothing is cut
  bool colour = false;
};

class Table {
 public:
  explicit Table(std::vector<TableColumn> columns);

  // One cell a column; missing ones are empty.
  void add_row(std::vector<TableCell> cells);
  bool empty() const { return rows_.empty(); }

  // Header and rows, two spaces between columns, no trailing spaces, each line ended. Columns that are empty in every
  // row are left out. Where the content is wider than the layout, the widest columns shrink first, and where even that
  // is not enough the last columns are left out; hidden_columns() then counts them.
  std::string render(const TableLayout& layout);
  std::size_t hidden_columns() const { return hidden_columns_; }

 private:
  std::vector<std::size_t> visible_columns() const;
  std::vector<std::size_t> natural_widths() const;
  void append_line(std::string& out, const std::vector<TableCell>& cells, const std::vector<std::size_t>& shown,
                   const std::vector<std::size_t>& widths, bool colour) const;

  std::vector<TableColumn> columns_;
  std::vector<std::vector<TableCell>> rows_;
  std::size_t hidden_columns_ = 0;
};

}  // namespace sightline::cli
