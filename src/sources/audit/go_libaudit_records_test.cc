// Single records against go-libaudit's goldens: every field of every record, by meaning, in both directions.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "sources/audit/decode_testing.h"
#include "sources/audit/golden_testing.h"
#include "testing/corpora.h"

namespace sightline::audit {
namespace {

using namespace sightline::audit::testing;

constexpr KnownDifference kKnown[] = {
    {"test3.log:17", "data.sig", "they name the signal, we keep the number that was recorded"},
};

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    if (!line.empty()) lines.push_back(line);
  }
  return lines;
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

// a3 of an EXECVE record is an argument, of a SYSCALL record a register.
std::optional<std::string> data_reading(const Event& event, std::string_view key) {
  const auto arguments = texts(event, FieldId::args);
  if (!arguments.empty() && key.size() > 1 && key[0] == 'a' && std::isdigit(static_cast<unsigned char>(key[1]))) {
    const auto index = static_cast<std::size_t>(std::stoul(std::string(key.substr(1))));
    return index < arguments.size() ? std::optional(arguments[index]) : std::nullopt;
  }
  return reading(event, key);
}

// The goldens' names of our attributes, to find attributes that they do not have.
std::string golden_key(std::string_view attribute, const Event& event) {
  if (attribute == "seresult" || attribute == "seperms") return std::string(attribute);
  if (attribute.starts_with("audit.")) attribute.remove_prefix(6);
  if (attribute == "old-auid" && event.original.contains("old auid=")) return "old_auid";
  return std::string(attribute);
}

class RecordGoldens {
 public:
  explicit RecordGoldens(Comparison& comparison) : comparison_(comparison) {}

  void check_file(const std::filesystem::path& log) {
    const std::vector<std::string> lines = lines_of(read_file(log));
    simdjson::dom::parser parser;
    const simdjson::dom::element golden = parser.load(log.string() + ".golden");
    std::size_t index = 0;
    for (const simdjson::dom::element record : golden.get_array()) {
      ASSERT_LT(index, lines.size());
      const std::string where = fmt::format("{}:{}", log.filename().string(), index + 1);
      check_record(where, lines[index++], record);
    }
    EXPECT_EQ(index, lines.size()) << log;
  }

  std::size_t records() const { return records_; }
  std::size_t rejected() const { return rejected_; }
  const std::vector<std::string>& extra() const { return extra_; }

 private:
  void check_record(const std::string& where, const std::string& line, const simdjson::dom::element& golden) {
    const auto out = decode(line + "\n");
    if (golden.is_null()) {
      EXPECT_EQ(out.rejected_count, 1u) << where;
      ++rejected_;
      return;
    }
    ++records_;
    ASSERT_EQ(out.events.size(), 1u) << where;
    const Event& event = out.events.events()[0];
    std::set<std::string> keys;
    std::size_t rule_keys = 0;
    for (const Leaf& leaf : leaves(golden)) {
      if (leaf.path.starts_with("data.")) keys.insert(leaf.path.substr(5));
      if (leaf.path.starts_with("keys.")) ++rule_keys;
      comparison_.compare(where, leaf.path, leaf.value, read(event, leaf.path));
    }
    comparison_.compare(where, "keys", std::to_string(rule_keys), std::to_string(texts(event, FieldId::key).size()));
    check_nothing_more(where, event, keys);
  }

  static std::optional<std::string> read(const Event& event, std::string_view path) {
    if (path == "record_type") return lower(text(event, FieldId::record_type));
    if (path == "raw_msg") {  // they cut the head off, and the end of a line that is cut
      std::string_view original = event.original;
      original.remove_prefix(original.find("audit("));
      return std::string(original.substr(0, original.find_last_not_of("\n") + 1));
    }
    if (path.starts_with("keys.")) {
      const auto keys = texts(event, FieldId::key);
      const auto index = static_cast<std::size_t>(std::stoul(std::string(path.substr(5))));
      return index < keys.size() ? std::optional(keys[index]) : std::nullopt;
    }
    if (path.starts_with("data.")) return data_reading(event, path.substr(5));
    return reading(event, path);
  }

  void check_nothing_more(const std::string& where, const Event& event, const std::set<std::string>& keys) {
    for (const Attribute& attribute : event.attributes()) {
      const std::string key = golden_key(attribute.path, event);
      const bool context = keys.contains(key + "_user");
      if (!context && !keys.contains(key)) extra_.push_back(where + ": " + key + "=" + std::string(attribute.text));
    }
  }

  Comparison& comparison_;
  std::size_t records_ = 0;
  std::size_t rejected_ = 0;
  std::vector<std::string> extra_;
};

TEST(GoLibaudit, Records) {
  SIGHTLINE_NEEDS_CORPUS("audit/go-libaudit");
  Comparison comparison(kKnown);
  RecordGoldens goldens(comparison);
  std::size_t files = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(sightline::testing::corpora() / "audit/go-libaudit/auparse/testdata")) {
    if (entry.path().extension() != ".log") continue;
    ++files;
    goldens.check_file(entry.path());
  }
  fmt::print("{} files, {} records, {} rejected by both\n{}", files, goldens.records(), goldens.rejected(),
             comparison.summary());
  EXPECT_EQ(files, 7u);
  EXPECT_EQ(goldens.records(), 83u);
  EXPECT_EQ(goldens.rejected(), 1u);
  EXPECT_TRUE(comparison.unexplained().empty());
  EXPECT_TRUE(comparison.unused().empty());
  EXPECT_EQ(goldens.extra(), std::vector<std::string>());
}

}  // namespace
}  // namespace sightline::audit
