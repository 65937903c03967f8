// Real Kubernetes audit events, compared with an independent parser.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iostream>

#include "event/time.h"
#include "sources/kubernetes/kubernetes_decoder.h"
#include "testing/corpora.h"
#include "testing/json_values.h"

namespace sightline::kubernetes {
namespace {

using testing::Values;

sources::Decoded decode(std::string_view bytes) {
  sources::Decoded out;
  const auto decoder = make_kubernetes_decoder({});
  decoder->write(bytes, out);
  decoder->finish(out);
  return out;
}

// The event is the last member of a line: its bytes run to the brace that ends the line.
std::string_view event_of(std::string_view line) {
  constexpr std::string_view kMember = ", \"event\": ";
  const std::size_t at = line.find(kMember);
  if (at == std::string_view::npos) return {};
  return line.substr(at + kMember.size(), line.size() - at - kMember.size() - 1);
}

// Every value of the JSON is in the event, under its path, in order. Returns how many there are.
std::size_t expect_all_leaves(const Event& event, const boost::json::value& json) {
  Values leaves;
  testing::collect_leaves(json, "", leaves);
  const Values values = testing::values_of(event);
  std::size_t count = 0;
  for (const auto& [path, expected] : leaves) {
    count += expected.size();
    const auto found = values.find(path);
    if (found == values.end()) {
      ADD_FAILURE() << path << " is missing in " << event.original;
      continue;
    }
    EXPECT_TRUE(std::ranges::equal(found->second, expected, testing::same_value)) << path << " in " << event.original;
  }
  return count;
}

struct Tally {
  std::size_t events = 0;
  std::size_t enveloped = 0;
  std::size_t values = 0;
  std::size_t google = 0;  // Cloud Logging's own record of a call, which has no audit.k8s.io event in it
  std::size_t others = 0;
};

void read_line(std::string_view bytes, Tally& tally) {
  const sources::Decoded out = decode(bytes);
  const boost::json::object json = boost::json::parse(bytes).as_object();
  if (out.events.empty()) {
    EXPECT_EQ(out.rejected_count, 1U) << bytes;
    ++(json.contains("protoPayload") ? tally.google : tally.others);
    return;
  }
  ASSERT_EQ(out.events.size(), 1U);
  EXPECT_EQ(out.rejected_count, 0U);
  const Event& event = out.events.events().front();
  EXPECT_EQ(event.original, bytes);
  EXPECT_EQ(event.text(FieldId::event_type), "kubernetes");
  tally.values += expect_all_leaves(event, json);
  ++tally.events;
  const boost::json::value* log =
      json.contains("properties") ? json.at("properties").as_object().if_contains("log") : nullptr;
  if (log == nullptr) return;
  ++tally.enveloped;
  tally.values += expect_all_leaves(event, boost::json::parse(log->as_string()));
}

TEST(KubernetesCorpus, PantherEventsComeBackWhole) {
  SIGHTLINE_NEEDS_CORPUS("kubernetes/panther/tests.ndjson");
  std::ifstream file(testing::corpora() / "kubernetes/panther/tests.ndjson", std::ios::binary);
  Tally tally;
  for (std::string line; std::getline(file, line);) {
    ASSERT_FALSE(event_of(line).empty());
    read_line(event_of(line), tally);
  }
  EXPECT_EQ(tally.events, 106U);
  EXPECT_EQ(tally.enveloped, 16U);
  EXPECT_EQ(tally.google, 15U);
  EXPECT_EQ(tally.others, 1U);  // an activity of Azure that is none of Kubernetes
  std::cout << "panther: " << tally.events << " events, " << tally.enveloped << " of them in Azure's envelope, "
            << tally.values << " values; " << tally.google << " of Google's own log, " << tally.others
            << " of others\n";
}

}  // namespace
}  // namespace sightline::kubernetes
