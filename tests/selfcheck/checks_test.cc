// The checks themselves, on small trees: each must pass good ones and name what is wrong in bad ones.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "documents.h"
#include "layers.h"
#include "lengths.h"
#include "words.h"

namespace sightline::selfcheck {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> texts(const std::vector<Finding>& findings) {
  std::vector<std::string> all;
  for (const Finding& finding : findings) all.push_back(to_string(finding));
  return all;
}

std::string include(const std::string& header) { return "#include \"" + header + "\"\n"; }

TEST(Layers, DownwardIsFine) {
  const Tree tree{{{"src/base/error.h", ""},
                   {"src/query/parser.cc", "#include <string>\n" + include("query/ast.h") + include("base/error.h")},
                   {"src/cli/client/a.cc", include("cli/terminal/b.h") + include("sources/formats/formats.h")},
                   {"src/server/daemon_main.cc", include("store/clickhouse/embedded/embedded_store.h")},
                   {"src/server/commands/serve_command.cc", include("store/clickhouse/embedded/embedded_store.h")},
                   {"src/server/a_test.cc", include("store/clickhouse/embedded/x.h") + include("testing/corpora.h")},
                   {"src/store/clickhouse/embedded/x.cc", include("store/clickhouse/render.h")},
                   {"src/audit/a.txt", include("server/x.h")}}};
  EXPECT_THAT(texts(check_layers(tree)), IsEmpty());
}

TEST(Layers, EveryWayUpIsNamed) {
  const Tree tree{{{"src/base/a.cc", include("base/b.h") + include("event/event.h")},
                   {"src/cli/b.cc", include("store/event_store.h")},
                   {"src/cli/c/d.cc", include("server/http/server.h")},
                   {"src/detect/e.h", "  #  include \"store/event_store.h\"\n"},
                   {"src/server/f.cc", include("store/clickhouse/embedded/embedded_store.h")},
                   {"src/server/g.cc", include("testing/corpora.h")},
                   {"src/store/h.cc", include("store/clickhouse/render.h")},
                   {"src/server/http/i.cc", include("server/pipeline.h")},
                   {"src/utils/j.cc", ""}}};
  EXPECT_THAT(
      texts(check_layers(tree)),
      ElementsAre("src/base/a.cc:2: base may not include \"event/event.h\"",
                  "src/cli/b.cc:1: cli may not include \"store/event_store.h\"",
                  "src/cli/c/d.cc:1: cli may not include \"server/http/server.h\"",
                  "src/detect/e.h:1: detect may not include \"store/event_store.h\"",
                  "src/server/f.cc:1: only main files name the backend \"store/clickhouse/embedded/embedded_store.h\"",
                  "src/server/g.cc:1: only tests include \"testing/corpora.h\"",
                  "src/server/http/i.cc:1: server/http may not include \"server/pipeline.h\"",
                  "src/store/h.cc:1: only main files name the backend \"store/clickhouse/render.h\"",
                  "src/utils/j.cc: its folder is in no layer: add it to the tables in layers.cc and ARCHITECTURE.md"));
}

std::string lines(std::size_t count, const std::string& line = "  x();\n") {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += line;
  return all;
}

TEST(Functions, AreFoundWithTheirLengths) {
  const std::string text = R"text(#define BAD(x) { \
  {
namespace a {
namespace {
constexpr int kTable[] = {1, 2};
const auto kMade = make({
    {1, 2},
});
struct S {
  S() : a_{1}, b_(2) {
    run();
  }
  int get() const { return a_; }
  bool operator==(const S&) const = default;
  bool operator<(const S& other) const { return a_ < other.a_; }
  int a_{};
  int b_ = 0;
};
}  // namespace
template <class T>
Result<T> Outer::method(int a,
                        int b) const noexcept {
  // } in a comment { and "in a string }"
  const char c = '}';
  const auto raw = R"(}}})";
  const auto lambda = [](int x) {
    return x;
  };
  if (a) {
  } else {
  }
}
enum class E { one, two };
}  // namespace a
int main() { return 1'000'000; }
)text";
  std::vector<std::string> found;
  for (const Function& function : functions_of(text)) {
    found.push_back(function.name + " " + std::to_string(function.line) + "+" + std::to_string(function.lines));
  }
  EXPECT_THAT(found, ElementsAre("S 10+3", "get 13+1", "operator< 15+1", "Outer::method 20+13", "main 35+1"));
}

TEST(Lengths, LimitsHold) {
  const std::string fits = "void fits() {\n" + lines(kMaxFunctionLines - 2) + "}\n";
  const std::string too_long = "void long_one() {\n" + lines(kMaxFunctionLines - 1) + "}\n";
  const Tree tree{{{"src/base/a.cc", fits},
                   {"src/base/b.cc", "\n" + too_long},
                   {"src/base/c.h", lines(kMaxFileLines, "int x;\n")},
                   {"src/base/d.h", lines(kMaxFileLines + 1, "int x;\n")},
                   {"docs/e.md", lines(2000)}}};
  EXPECT_THAT(
      texts(check_lengths(tree, "allowed.txt")),
      ElementsAre("src/base/b.cc:2: long_one has 71 lines; at most 70", "src/base/d.h: 801 lines; at most 800"));
}

TEST(Lengths, AllowListMayOnlyShrink) {
  const std::string too_long = "void long_one() {\n" + lines(kMaxFunctionLines) + "}\n";
  Tree tree{{{"src/base/b.cc", too_long}, {"allowed.txt", "# why\nsrc/base/b.cc long_one\n"}}};
  EXPECT_THAT(texts(check_lengths(tree, "allowed.txt")), IsEmpty());
  tree.files["src/base/b.cc"] = "void long_one() {}\n";
  EXPECT_THAT(texts(check_lengths(tree, "allowed.txt")),
              ElementsAre("allowed.txt: \"src/base/b.cc long_one\" is no longer needed: take it out"));
}

TEST(Links, DeadOnesAreNamed) {
  const Tree tree{
      {{"README.md",
        "# Title\n## A `b` & C: d!\n## Twice\n## Twice\n[ok](docs/a.md) [ok](docs/) [ok](#a-b--c-d) [ok](#twice-1)\n"
        "[web](https://example.com/x) `[code](nowhere.md)` ![picture](docs/none.png)\n```\n[fenced](no.md)\n```\n"
        "[ref]: docs/a.md#top\n[bad]: docs/b.md\n[up](../outside.md) [anchor](#nowhere)\n"},
       {"docs/a.md", "# Top\n[back](../README.md#title) [root](/README.md) [dead](../README.md#other)\n"}}};
  EXPECT_THAT(
      texts(check_links(tree)),
      ElementsAre("README.md:6: dead link: docs/none.png", "README.md:11: dead link: docs/b.md",
                  "README.md:12: dead link: ../outside.md", "README.md:12: dead link: no such heading: #nowhere",
                  "docs/a.md:2: dead link: no such heading: ../README.md#other"));
}

TEST(ShellWords, QuotesCommentsAndSeparators) {
  EXPECT_THAT(shell_words(R"(a 'b "c' "d \" e"f --x=1 | g && h # i)"),
              ElementsAre("a", "b \"c", "d \" ef", "--x=1", "|", "g", "&&", "h"));
  EXPECT_THAT(shell_words("a>b;c"), ElementsAre("a", ">", "b", ";", "c"));
  EXPECT_THAT(shell_words("a '' b#c"), ElementsAre("a", "", "b#c"));
}

std::optional<std::string> fake_help(const std::vector<std::string>& words) {
  static const std::map<std::vector<std::string>, std::string> kHelp = {
      {{"sightline"}, "Options:\n  --version\nSubcommands:\n  search   Search\n  alerts   Alerts\n"},
      {{"sightline", "search"}, "Options:\n  --from TIME   since\n  -n,--limit N  most\n"},
      {{"sightline", "alerts"}, "Subcommands:\n  list   List\n"},
      {{"sightline", "alerts", "list"}, "Options:\n  --status TEXT\n"}};
  const auto found = kHelp.find(words);
  return found == kHelp.end() ? std::nullopt : std::optional(found->second);
}

std::vector<std::string> command_findings(const std::string& block) {
  const Tree tree{{{"a.md", block}, {"run", "case $1 in --quick)"}, {"scripts/setup", ""}}};
  return texts(check_commands(tree, {"sightline"}, fake_help));
}

TEST(Commands, ThatExistAreFine) {
  EXPECT_THAT(
      command_findings("```sh\n./run --quick\nscripts/setup\n./build/bin/sightline --version\n"
                       "sightline search 'alerts bogus --from' --limit 3 | head -1 && sightline alerts list \\\n"
                       "  --status=open\nTOKEN=x sightline search q --from now # --bogus\nother --what\n```\n"
                       "```console\n$ sightline search x\nsightline bogus is output\n```\n"
                       "```\nsightline bogus\n```\nsightline bogus in prose\n```sh\nsightlined bogus\n```\n"),
      IsEmpty());
}

TEST(Commands, ThatDoNotExistAreNamed) {
  EXPECT_THAT(command_findings("```sh\n./run --slow\n./gone\nsightline bogus\nsightline search x --to now\n"
                               "cat x | sightline alerts drop\nsightline alerts list --stat x\n```\n"
                               "```console\n$ sightline search --fro x\n```\n"),
              ElementsAre("a.md:2: ./run has no option --slow", "a.md:3: there is no ./gone",
                          "a.md:4: sightline has no command bogus", "a.md:5: search has no option --to",
                          "a.md:6: alerts has no command drop", "a.md:7: list has no option --stat",
                          "a.md:10: search has no option --fro"));
}

TEST(Words, UnfinishedWorkAndMachinePaths) {
  const std::string note = std::string("TO") + "DO";
  const std::string home = std::string("/ro") + "ot/";
  const Tree tree{{{"src/a.cc", "// " + note + ": later\nint " + note + "S;\nconst char* p = \"" + home + "x\";\n"},
                   {"src/a_test.cc", "\"" + home + ".ssh\""},
                   {"rules/b.yaml", home + ".aws"},
                   {"docs/c.md", "see " + std::string("/wo") + "rk/x and paper" + std::string("/wo") + "rks"}}};
  EXPECT_THAT(texts(check_words(tree)),
              ElementsAre("docs/c.md:1: " + std::string("/wo") + "rk/: a path of somebody's machine",
                          "src/a.cc:1: " + note + ": finish it or file an issue",
                          "src/a.cc:3: " + home + ": a path of somebody's machine"));
}

TEST(Fuzzers, EveryDecoderHasOne) {
  Tree tree{{{"src/sources/decoder.cc", ""},
             {"src/sources/audit/a.cc", ""},
             {"src/sources/json/reader.cc", ""},
             {"src/sources/login/l.cc", ""},
             {"fuzz/audit_fuzz.cc", ""},
             {"fuzz/CMakeLists.txt", ""}}};
  EXPECT_THAT(texts(check_fuzzers(tree)),
              ElementsAre("fuzz/audit_fuzz.cc: is not built: fuzz/CMakeLists.txt does not name it",
                          "src/sources/login: has no fuzzer: fuzz/login_fuzz.cc is not there"));
  tree.files["fuzz/CMakeLists.txt"] = "sightline_fuzzer(audit)\nsightline_fuzzer(login)\n";
  tree.files["fuzz/login_fuzz.cc"] = "";
  EXPECT_THAT(texts(check_fuzzers(tree)), IsEmpty());
}

}  // namespace
}  // namespace sightline::selfcheck
