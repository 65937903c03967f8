// What every stage makes of a query, against files under tests/golden/query. Each file holds cases: the input between
// `--- input` and `--- output`, then the output up to `===`. SIGHTLINE_UPDATE_GOLDEN=1 rewrites the outputs.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "query/checker.h"
#include "query/lexer.h"
#include "query/parser.h"
#include "query/text_form.h"

namespace sightline::query {
namespace {

const std::filesystem::path kFolder = SIGHTLINE_SOURCE_DIR "/tests/golden/query";
constexpr std::string_view kInput = "--- input\n";
constexpr std::string_view kOutput = "--- output\n";
constexpr std::string_view kEnd = "===\n";

std::string read_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string tokens(std::string_view text) {
  const auto tokens = lex(text);
  if (!tokens) return render(tokens.error(), text) + "\n";
  std::string out;
  for (const Token& token : *tokens) {
    const std::string_view written = text.substr(token.span.begin, token.span.end - token.span.begin);
    out += fmt::format("{}-{} {} {}\n", token.span.begin, token.span.end, to_string(token.kind), quote(written));
  }
  return out;
}

std::string tree(std::string_view text) {
  const auto query = parse(text);
  if (!query) return render(query.error(), text) + "\n";
  return to_tree(*query) + "text: " + to_string(*query) + "\n";
}

CheckContext context() {
  static const std::vector<std::string> paths{"custom.value", "custom.count", "weird key/ü"};
  static const SetPathCatalog catalog{paths};
  return {&catalog, 1'700'000'000'000};
}

std::string checked(std::string_view text) {
  auto query = parse(text);
  if (!query) return render(query.error(), text) + "\n";
  const auto done = check(*query, context());
  return done ? to_tree(*query) : render(done.error(), text) + "\n";
}

// Inputs that must be refused.
std::string error(std::string_view text) {
  auto query = parse(text);
  if (!query) return render(query.error(), text) + "\n";
  const auto done = check(*query, context());
  return done ? "accepted, which it should not be\n" : render(done.error(), text) + "\n";
}

using Stage = std::string (*)(std::string_view);

// The file as it should be, every output made anew.
std::string renew(std::string_view file, Stage stage) {
  std::string out;
  while (!file.empty()) {
    const std::size_t begin = file.find(kInput);
    const std::size_t middle = file.find(kOutput, begin);
    const std::size_t end = file.find(kEnd, middle);
    if (begin == std::string_view::npos || middle == std::string_view::npos || end == std::string_view::npos) break;
    const std::string_view input = file.substr(begin + kInput.size(), middle - begin - kInput.size());
    out += file.substr(0, middle + kOutput.size());
    out += stage(input.substr(0, input.size() - 1));
    out += kEnd;
    file.remove_prefix(end + kEnd.size());
  }
  return out + std::string(file);
}

void compare(std::string_view name, Stage stage) {
  const std::filesystem::path file = kFolder / name;
  const std::string golden = read_file(file);
  ASSERT_TRUE(golden.contains(kInput)) << file;
  const std::string made = renew(golden, stage);
  if (std::getenv("SIGHTLINE_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(file, std::ios::binary) << made;
    return;
  }
  EXPECT_EQ(made, golden) << "if the new output is right, run again with SIGHTLINE_UPDATE_GOLDEN=1";
}

TEST(Golden, Lexer) { compare("lexer.txt", tokens); }
TEST(Golden, Tree) { compare("tree.txt", tree); }
TEST(Golden, Checked) { compare("checked.txt", checked); }
TEST(Golden, Errors) {
  compare("errors.txt", error);
  EXPECT_FALSE(read_file(kFolder / "errors.txt").contains("accepted, which it should not be"));
}

}  // namespace
}  // namespace sightline::query
