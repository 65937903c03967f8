#include "cli/input/batch_splitter.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "cli/client/json.h"
#include "sources/decoder.h"

namespace sightline::cli {
namespace {

using sources::Format;

// Feeds `input` in pieces of `piece` bytes.
std::vector<SplitBatch> split(Format format, std::size_t max_bytes, std::string_view input, std::size_t piece = 7) {
  const auto splitter = make_splitter(format, max_bytes);
  std::vector<SplitBatch> batches;
  for (std::size_t at = 0; at < input.size(); at += piece) splitter->write(input.substr(at, piece), batches);
  splitter->finish(batches);
  return batches;
}

std::string joined(const std::vector<SplitBatch>& batches) {
  std::string all;
  for (const SplitBatch& batch : batches) all += batch.body;
  return all;
}

std::size_t count_lines(std::string_view text) { return static_cast<std::size_t>(std::ranges::count(text, '\n')); }

TEST(LineBatches, LoseNothingAndKnowTheirLine) {
  std::string input;
  for (int i = 0; i < 500; ++i)
    input += fmt::format("{{\"n\":{}}}\n", std::string(static_cast<std::size_t>(i % 40), '1'));
  input += "{\"last\":1}";  // without a line feed
  for (const std::size_t piece : {1UL, 64UL, 100'000UL}) {
    const auto batches = split(Format::ndjson, 300, input, piece);
    EXPECT_EQ(joined(batches), input);
    EXPECT_GT(batches.size(), 30U);
    std::uint64_t line = 1;
    for (const SplitBatch& batch : batches) {
      EXPECT_LE(batch.body.size(), 300U);
      EXPECT_EQ(batch.first_line, line);
      line += count_lines(batch.body);
    }
  }
}

std::string binary_entry(int number, std::string_view value) {
  std::string entry = fmt::format("NUMBER={}\nMESSAGE\n", number);
  for (int i = 0; i < 8; ++i) entry.push_back(static_cast<char>(value.size() >> (8 * i)));
  return entry + std::string(value) + "\n\n";
}

TEST(JournalBatches, ExportIsCutBetweenEntriesOnly) {
  std::string input = "\n";
  for (int i = 0; i < 100; ++i) input += binary_entry(i, std::string(static_cast<std::size_t>(i), '\n'));
  for (const std::size_t piece : {1UL, 64UL, 100'000UL}) {
    const auto batches = split(Format::journald, 300, input, piece);
    EXPECT_EQ(joined(batches), input);
    EXPECT_GT(batches.size(), 20U);
    std::uint64_t line = 1;
    for (const SplitBatch& batch : batches) {
      EXPECT_LE(batch.body.size(), 300U);
      EXPECT_TRUE(batch.body.starts_with(batch.first_line == 1 ? "\nNUMBER=" : "NUMBER="));
      EXPECT_EQ(input.substr(static_cast<std::size_t>(batch.first_byte), batch.body.size()), batch.body);
      EXPECT_EQ(batch.first_line, line);
      line += count_lines(batch.body);
    }
  }
}

TEST(JournalBatches, AnEntryOverTheLimitGoesAlone) {
  const std::string input = binary_entry(1, "a") + binary_entry(2, std::string(5'000'000, '\n')) + binary_entry(3, "b");
  const auto batches = split(Format::journald, 1000, input, 65536);
  ASSERT_EQ(batches.size(), 3U);
  EXPECT_EQ(batches[0].body, binary_entry(1, "a"));
  EXPECT_EQ(batches[1].body.size(), 4'194'305U);
  EXPECT_EQ(batches[2].body, binary_entry(3, "b"));
  EXPECT_EQ(batches[2].first_byte, static_cast<std::int64_t>(input.size() - batches[2].body.size()));
  EXPECT_EQ(batches[2].first_line, 1 + count_lines(input) - count_lines(batches[2].body));
}

TEST(JournalBatches, HoldABoundedNumberOfEntries) {
  std::string input;
  for (std::size_t i = 0; i <= kMaxBatchRecords; ++i) input += "A=1\n\n";
  const auto batches = split(Format::journald, input.size(), input, 1'000'000);
  ASSERT_EQ(batches.size(), 2U);
  EXPECT_EQ(batches[0].body.size(), 5 * kMaxBatchRecords);
}

TEST(JournalBatches, JsonIsCutAtLineEnds) {
  const auto batches = split(Format::journald, 15, "\n{\"A\":\"1\"}\n{\"A\":\"2\"}\n{\"A\":\"3\"}");
  ASSERT_EQ(batches.size(), 3U);
  EXPECT_EQ(batches[2].body, "{\"A\":\"3\"}");
  EXPECT_EQ(batches[2].first_line, 4U);
}

TEST(JournalBatches, APauseSendsWholeEntries) {
  const auto splitter = make_splitter(Format::journald, 1000);
  std::vector<SplitBatch> batches;
  splitter->write("A=1\n\nA=2\n", batches);
  splitter->pause(batches);
  ASSERT_EQ(batches.size(), 1U);
  EXPECT_EQ(batches[0].body, "A=1\n\n");
  splitter->write("\n", batches);
  splitter->finish(batches);
  ASSERT_EQ(batches.size(), 2U);
  EXPECT_EQ(batches[1].body, "A=2\n\n");
}

TEST(LineBatches, LineLongerThanABatchGoesAlone) {
  const std::string input = "a\n" + std::string(500, 'b') + "\nc\n";
  const auto batches = split(Format::ndjson, 100, input);
  ASSERT_EQ(batches.size(), 3U);
  EXPECT_EQ(batches[1].body.size(), 501U);
  EXPECT_EQ(batches[2].first_line, 3U);
}

TEST(LineBatches, EndlessLineIsCutWhereTheDecoderRefusesIt) {
  const auto splitter = make_splitter(Format::auditd, 1000);
  std::vector<SplitBatch> batches;
  splitter->write("first\n", batches);
  const std::string chunk(1024 * 1024, 'x');
  for (int i = 0; i < 20; ++i) splitter->write(chunk, batches);
  splitter->write("\nlast\n", batches);
  splitter->finish(batches);
  EXPECT_EQ(joined(batches).size(), 6 + sources::kMaxLineBytes + 1 + 1 + 5);
  EXPECT_TRUE(joined(batches).ends_with("x\nlast\n"));
  EXPECT_EQ(batches.back().first_line + count_lines(batches.back().body), 4U);
}

TEST(LineBatches, HaveNoMoreLinesThanTheServerDecodesAtOnce) {
  std::string input;
  for (std::size_t i = 0; i < 2 * kMaxBatchRecords + 7; ++i) input += "{}\n";
  for (const Format format : {Format::ndjson, Format::auditd}) {
    const auto batches = split(format, 16UL * 1024 * 1024, input, 100'000);
    EXPECT_EQ(joined(batches), input);
    for (const SplitBatch& batch : batches) EXPECT_LE(count_lines(batch.body), kMaxBatchRecords);
  }
}

TEST(LineBatches, PauseSendsCompleteLinesOnly) {
  const auto splitter = make_splitter(Format::ndjson, 1000);
  std::vector<SplitBatch> batches;
  splitter->write("a\nb", batches);
  splitter->pause(batches);
  ASSERT_EQ(batches.size(), 1U);
  EXPECT_EQ(batches[0].body, "a\n");
  splitter->pause(batches);
  EXPECT_EQ(batches.size(), 1U);
  splitter->write("c\n", batches);
  splitter->pause(batches);
  EXPECT_EQ(batches.at(1).body, "bc\n");
  EXPECT_EQ(batches.at(1).first_line, 2U);
}

std::string audit_line(int serial, std::string_view type) {
  return fmt::format("type={} msg=audit(1600362902.289:{}): a=b padding padding padding\n", type, serial);
}

// Serial numbers of the audit events in a body.
std::set<std::string> events_in(std::string_view body) {
  std::set<std::string> events;
  for (std::size_t at = body.find("289:"); at != std::string_view::npos; at = body.find("289:", at + 1)) {
    events.emplace(body.substr(at, body.find(')', at) - at));
  }
  return events;
}

TEST(AuditBatches, NeverPartTheRecordsOfAnEvent) {
  std::mt19937 random(7);
  std::vector<std::pair<double, std::string>> lines;  // interleaved: the records of an event lie within a few of others
  for (int serial = 1; serial <= 3000; ++serial) {
    for (const std::string_view type : {"SYSCALL", "EXECVE", "PATH", "EOE"}) {
      lines.emplace_back(serial * 4 + static_cast<double>(random() % 6), audit_line(serial, type));
    }
  }
  std::ranges::stable_sort(lines, {}, &std::pair<double, std::string>::first);
  std::string input;
  for (const auto& [order, line] : lines) input += line;

  const auto batches = split(Format::auditd, 8000, input, 4096);
  EXPECT_EQ(joined(batches), input);
  EXPECT_GT(batches.size(), 50U);
  std::set<std::string> seen;
  for (const SplitBatch& batch : batches) {
    for (const std::string& event : events_in(batch.body)) EXPECT_TRUE(seen.insert(event).second) << event;
  }
}

// As the kernel's own log has them, and as relays send them.
TEST(AuditBatches, KnowAnEventInEveryFormTheDecoderReads) {
  for (const std::string_view form :
       {"type={} audit(1600362902.289:{}): a=b\n", "[    5.1] audit: type={} audit(1600362902.289:{}): a=b\n",
        "Sep 17 18:15:02 web-1 audispd: node=web-1 type={} msg=audit(1600362902.289:{}): a=b\n"}) {
    std::string input;
    for (int serial = 1; serial <= 100; ++serial) {
      for (const int type : {1300, 1309, 1302, 1302, 1320}) input += fmt::format(fmt::runtime(form), type, serial);
    }
    std::set<std::string> seen;
    const auto batches = split(Format::auditd, 1000, input);
    EXPECT_EQ(joined(batches), input);
    for (const SplitBatch& batch : batches) {
      for (const std::string& event : events_in(batch.body)) EXPECT_TRUE(seen.insert(event).second) << form << event;
    }
  }
}

TEST(AuditBatches, AreBoundedEvenWhereEverythingIsOneEvent) {
  std::string input;
  for (int i = 0; i < 5000; ++i) input += audit_line(1, "PATH");
  const auto batches = split(Format::auditd, 8000, input, 4096);
  EXPECT_EQ(joined(batches), input);
  for (const SplitBatch& batch : batches) EXPECT_LE(batch.body.size(), 8000U);
}

// All records of all bodies, each of which must be JSON on its own.
std::vector<std::string> records_of(const std::vector<SplitBatch>& batches) {
  std::vector<std::string> records;
  for (const SplitBatch& batch : batches) {
    const Result<Json> json = parse_json(batch.body);
    EXPECT_TRUE(json) << batch.body.substr(0, 200);
    if (!json) continue;
    const Json* list = json->kind == Json::Kind::array ? &*json : json->find("Records");
    if (list == nullptr) {
      records.push_back(json->raw);
    } else {
      for (const Json& record : list->items) records.push_back(record.raw);
    }
  }
  return records;
}

std::vector<std::string> sample_records(std::size_t count) {
  std::vector<std::string> records;
  for (std::size_t i = 0; i < count; ++i) {
    records.push_back(
        fmt::format(R"({{"eventID":"{}","resources":[{{"a":1}},{{"b":"}}]\"{{"}}],"Records":[{{"x":{}}}],)"
                    R"("requestParameters":{{"Records":[{{"deep":1}}]}},"pad":"{}"}})",
                    i, i, std::string(i % 50, 'p')));
  }
  return records;
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  return fmt::format("{}", fmt::join(parts, separator));
}

TEST(CloudTrailBatches, SplitAListOfRecords) {
  const auto records = sample_records(200);
  for (const std::string& input :
       {"{\"Records\":[" + join(records, ",") + "]}",
        "{\"a\":[{},{}],\"Records\" : [ " + join(records, " ,\n ") + " ] , \"z\":1}\n",
        "[" + join(records, ",\n") + "]", "\n\n{\"Records\":[" + join(records, ",") + "]}\n"}) {
    for (const std::size_t max_bytes : {100UL, 2000UL, 1'000'000UL}) {
      const auto batches = split(Format::cloudtrail, max_bytes, input);
      EXPECT_EQ(records_of(batches), records) << input.substr(0, 40) << max_bytes;
      if (max_bytes == 2000) {
        EXPECT_GT(batches.size(), 10U);
      }
      for (const SplitBatch& batch : batches) EXPECT_LE(batch.body.size(), std::max(max_bytes, 300UL) + 20);
    }
  }
}

TEST(CloudTrailBatches, SmallInputIsSentAsItIs) {
  const std::string input = " {\"Records\": [ {\"a\":1}, {\"a\":2} ]}\n";
  const auto batches = split(Format::cloudtrail, 1000, input);
  ASSERT_EQ(batches.size(), 1U);
  EXPECT_EQ(batches[0].body, input);
}

TEST(CloudTrailBatches, OneDocumentALineSplitsAtLines) {
  const auto records = sample_records(100);
  const std::string input = join(records, "\n") + "\n{broken \"\n" + records[0] + "\n";
  const auto batches = split(Format::cloudtrail, 2000, input);
  EXPECT_EQ(joined(batches), input);
  EXPECT_GT(batches.size(), 5U);
  std::uint64_t line = 1;
  for (const SplitBatch& batch : batches) {
    EXPECT_EQ(batch.first_line, line);
    line += count_lines(batch.body);
  }
}

TEST(CloudTrailBatches, KnowTheLineTheirFirstRecordIsOn) {
  std::string input = "{\"Records\":[\n";
  for (int i = 0; i < 50; ++i)
    input += fmt::format("{}{{\"n\":{},\n\"pad\":\"{}\"}}\n", i ? "," : "", i, std::string(50, 'x'));
  input += "]}\n";
  const auto batches = split(Format::cloudtrail, 500, input);
  ASSERT_GT(batches.size(), 4U);
  for (const SplitBatch& batch : batches) {
    const Result<Json> json = parse_json(batch.body);
    ASSERT_TRUE(json);
    const std::int64_t n = json->find("Records")->items.front().integer_of("n").value();
    const std::uint64_t offset = &batch == &batches.front() ? 1 : 0;  // the first body starts with the list's line
    EXPECT_EQ(batch.first_line + offset, static_cast<std::uint64_t>(2 + 2 * n));
  }
}

TEST(CloudTrailBatches, HugeRecordHurtsNoOther) {
  std::string input = R"({"Records":[{"n":1},{"n":2,"pad":")";
  input += std::string(3 * sources::kMaxLineBytes, 'x') + R"("},{"n":3},{"n":4}]})";
  const auto batches = split(Format::cloudtrail, 1000, input, 65536);
  std::vector<std::string> good;
  std::size_t cut = 0;
  for (const SplitBatch& batch : batches) {
    EXPECT_LE(batch.body.size(), sources::kMaxLineBytes + 100);
    if (batch.body.size() > sources::kMaxLineBytes) {
      ++cut;
    } else {
      for (const std::string& record : records_of({batch})) good.push_back(record);
    }
  }
  EXPECT_EQ(cut, 1U);
  EXPECT_EQ(good, (std::vector<std::string>{"{\"n\":1}", "{\"n\":3}", "{\"n\":4}"}));
}

// Files of CloudTrail are one line each: what `zcat *.json.gz` gives.
TEST(CloudTrailBatches, SplitLongLinesAfterShortOnes) {
  const auto records = sample_records(40'000);
  std::vector<std::string> expected = {records[0], records[1]};
  expected.insert(expected.end(), records.begin(), records.end());
  expected.push_back(records[2]);
  const std::string list = "{\"Records\":[" + join(records, ",") + "]}\n";
  ASSERT_GT(list.size(), sources::kMaxLineBytes);
  const std::string input =
      "{\"Records\":[" + records[0] + "]}\n[" + records[1] + "]\n" + list + "{\"Records\":[" + records[2] + "]}\n";
  for (const std::size_t max_bytes : {300'000UL, 16UL * 1024 * 1024}) {
    const auto batches = split(Format::cloudtrail, max_bytes, input, 100'000);
    std::vector<std::string> found;
    for (const SplitBatch& batch : batches) {
      for (std::size_t at = 0; at < batch.body.size();) {  // documents of several lines may share a body
        const std::size_t end = std::min(batch.body.find('\n', at), batch.body.size());
        for (std::string& record : records_of({{batch.body.substr(at, end - at), 1, 0}})) found.push_back(record);
        at = end + 1;
      }
    }
    EXPECT_EQ(found.size(), expected.size());
    EXPECT_TRUE(found == expected);
    EXPECT_EQ(batches.back().first_line + count_lines(batches.back().body), 5U);
  }
}

TEST(CloudTrailBatches, AHugeRecordInALongLineHurtsNoOther) {
  const std::string small = R"({"n":0})";
  const std::string huge = R"({"n":2,"pad":")" + std::string(2 * sources::kMaxLineBytes, 'x') + "\"}";
  const std::string input =
      small + "\n" + R"({"Records":[{"n":1},)" + huge + R"(,{"n":3},{"n":4}]})" + "\n" + R"({"n":5})" + "\n";
  std::string found;
  for (const SplitBatch& batch : split(Format::cloudtrail, 100'000, input, 65536)) {
    EXPECT_LE(batch.body.size(), sources::kMaxLineBytes + 100);
    for (int n = 0; n <= 5; ++n) {
      const std::size_t at = batch.body.find(fmt::format(R"({{"n":{}}})", n));
      if (at == std::string::npos) continue;
      found += fmt::format("{} on line {}, ", n, batch.first_line);
      EXPECT_EQ(input.substr(static_cast<std::size_t>(batch.first_byte + static_cast<std::int64_t>(at)), 7),
                fmt::format(R"({{"n":{}}})", n));
    }
  }
  EXPECT_EQ(found, "0 on line 1, 1 on line 2, 3 on line 2, 4 on line 2, 5 on line 3, ");
}

TEST(CloudTrailBatches, ALineOf100MegabytesTakesBoundedMemory) {
  constexpr std::size_t kMaxBytes = 1024 * 1024;
  const std::string record = R"({"eventName":"x","pad":")" + std::string(1000, 'p') + "\"}";
  constexpr std::size_t kRecords = 100'000;
  const auto splitter = make_splitter(Format::cloudtrail, kMaxBytes);
  std::vector<SplitBatch> batches;
  std::size_t taken = 0;
  std::size_t sent = 0;
  std::size_t records = 0;
  const auto write = [&](std::string_view bytes) {
    splitter->write(bytes, batches);
    taken += bytes.size();
    for (const SplitBatch& batch : batches) {
      sent += batch.body.size();
      for (std::size_t at = batch.body.find("eventName"); at != std::string::npos; ++records) {
        at = batch.body.find("eventName", at + 1);
      }
    }
    batches.clear();
    EXPECT_LE(taken, sent + 2 * kMaxBytes);
  };
  write(record + "\n{\"Records\":[" + record);
  for (std::size_t i = 2; i < kRecords; ++i) write("," + record);
  write("]}\n");
  splitter->finish(batches);
  write("");
  EXPECT_EQ(records, kRecords);
}

TEST(CloudTrailBatches, HaveNoMoreRecordsThanTheServerDecodesAtOnce) {
  constexpr std::size_t kRecords = 2 * kMaxBatchRecords + 7;
  std::string input = "{\"Records\":[{}";
  for (std::size_t i = 1; i < kRecords; ++i) input += ",{}";
  std::size_t found = 0;
  for (const SplitBatch& batch : split(Format::cloudtrail, 16UL * 1024 * 1024, input + "]}", 100'000)) {
    std::size_t records = 0;
    for (std::size_t at = batch.body.find("{}"); at != std::string::npos; at = batch.body.find("{}", at + 2)) ++records;
    EXPECT_LE(records, kMaxBatchRecords);
    found += records;
  }
  EXPECT_EQ(found, kRecords);
}

TEST(CloudTrailBatches, AnyBytesEnd) {
  std::mt19937 random(11);
  constexpr std::string_view kAlphabet = "{}[]\",:\\ \na1";
  for (int run = 0; run < 300; ++run) {
    std::string input;
    for (int i = 0; i < 400; ++i) input += kAlphabet[random() % kAlphabet.size()];
    for (const SplitBatch& batch : split(Format::cloudtrail, 50, input)) EXPECT_FALSE(batch.body.empty());
  }
}

}  // namespace
}  // namespace sightline::cli
