#include "cli/terminal/table.h"

#include <gtest/gtest.h>

#include <sstream>

namespace sightline::cli {
namespace {

Table sample() {
  Table table({{"time", false, false}, {"user"}, {"command"}, {"n", true, false}});
  table.add_row(
      {{"12:00:00"}, {"ubuntu"}, {"aws s3 cp s3://omg-my-cookies/secret-data.txt secret-data-copy.txt"}, {"7"}});
  table.add_row({{"12:00:01"}, {"root"}, {"ls"}, {"1234"}});
  return table;
}

std::size_t widest_line(const std::string& text) {
  std::istringstream lines(text);
  std::size_t widest = 0;
  for (std::string line; std::getline(lines, line);) widest = std::max(widest, display_width(line));
  return widest;
}

TEST(Table, UnlimitedCutsNothing) {
  EXPECT_EQ(sample().render({}),
            "time      user    command                                                                n\n"
            "12:00:00  ubuntu  aws s3 cp s3://omg-my-cookies/secret-data.txt secret-data-copy.txt     7\n"
            "12:00:01  root    ls                                                                  1234\n");
}

TEST(Table, ShrinksTheWidestColumnFirst) {
  EXPECT_EQ(sample().render({.width = 40, .colour = false}),
            "time      user    command              n\n"
            "12:00:00  ubuntu  aws s3 cp s3://…     7\n"
            "12:00:01  root    ls                1234\n");
}

TEST(Table, FitsEveryWidthAndCountsWhatItHides) {
  for (std::size_t width = 1; width < 100; ++width) {
    Table table = sample();
    EXPECT_LE(widest_line(table.render({.width = width, .colour = false})), width);
    EXPECT_EQ(table.hidden_columns() > 0, width < 8 + 2 + 6 + 2 + 12 + 2 + 4) << width;
  }
}

TEST(Table, SharesTheCutBetweenWideColumns) {
  Table table({{"a"}, {"b"}});
  table.add_row({{std::string(50, 'x')}, {std::string(60, 'y')}});
  EXPECT_EQ(table.render({.width = 42, .colour = false}),
            "a                     b\n" + std::string(19, 'x') + "…  " + std::string(19, 'y') + "…\n");
}

TEST(Table, EmptyColumnsAreLeftOutAndCellsMadePrintable) {
  Table table({{"a"}, {"b"}, {"c"}});
  table.add_row({{"\x1b[31mred"}, {}, {"日本"}});
  EXPECT_EQ(table.render({}), "a            c\n\\x1b[31mred  日本\n");
}

TEST(Table, ColourDoesNotCountAsWidth) {
  Table table({{"severity"}, {"title"}});
  table.add_row({{"high", Style::red}, {"x"}});
  EXPECT_EQ(table.render({.width = 20, .colour = true}),
            "\x1b[1mseverity\x1b[0m  \x1b[1mtitle\x1b[0m\n\x1b[31mhigh\x1b[0m      x\n");
}

TEST(Table, WithoutRowsOnlyTheHeader) { EXPECT_EQ(Table({{"a"}, {"b"}}).render({}), "a  b\n"); }

}  // namespace
}  // namespace sightline::cli
