// Real login logs: every line is an event, the file can be put together again, and each kind of line is counted.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <map>

#include "sources/syslog/decode_testing.h"
#include "sources/syslog/syslog_decoder.h"
#include "testing/corpora.h"

namespace sightline::syslog {
namespace {

using Counts = std::map<std::string, int>;

std::string read_file(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// "service type result"; what is none about a login counts together.
std::string kind_of(const Event& event) {
  if (event.text(FieldId::event_type) != "login") return "host";
  std::string kind(event.text(FieldId::service).value_or("?"));
  for (const FieldId field : {FieldId::type, FieldId::result}) {
    if (const auto text = event.text(field)) kind += " " + std::string(*text);
  }
  return kind;
}

Counts decode_file(const std::string& name) {
  const std::string text = read_file(sightline::testing::corpora() / "logins" / name);
  Counts counts;
  for (const std::size_t chunk_size : {std::size_t{61}, SIZE_MAX}) {
    counts.clear();
    const sources::Decoded out = syslog::testing::decode(make_syslog_decoder, text, chunk_size);
    EXPECT_EQ(out.rejected_count, 0U);
    std::string again;
    for (const Event& event : out.events.events()) {
      again += std::string(event.original) + "\r\n";
      ++counts[kind_of(event)];
      EXPECT_EQ(event.attributes().end(), std::ranges::find(event.attributes(), "ambiguous", &Attribute::path))
          << event.original;
    }
    if (!text.ends_with('\n')) again.resize(again.size() - 2);  // the last line has no end
    EXPECT_EQ(again, text);
  }
  int total = 0;
  for (const auto& [kind, count] : counts) total += count;
  std::cout << name << ": " << total << " lines, each an event; every byte came back\n";
  return counts;
}

TEST(LoginCorpus, OpenSsh) {
  SIGHTLINE_NEEDS_CORPUS("logins/OpenSSH_2k.log");
  EXPECT_EQ(decode_file("OpenSSH_2k.log"), (Counts{{"host", 93},
                                                   {"sshd account_check_failed invalid user", 361},
                                                   {"sshd auth_failed failed", 504},
                                                   {"sshd disconnect disconnected", 512},
                                                   {"sshd disconnect too many failures", 3},
                                                   {"sshd login accepted", 1},
                                                   {"sshd login_failed failed", 385},
                                                   {"sshd login_failed invalid user", 139},
                                                   {"sshd session_close", 1},
                                                   {"sshd session_open", 1}}));
}

TEST(LoginCorpus, Linux) {
  SIGHTLINE_NEEDS_CORPUS("logins/Linux_2k.log");
  EXPECT_EQ(decode_file("Linux_2k.log"), (Counts{{"gdm account_check_failed invalid user", 1},
                                                 {"gdm auth_failed failed", 1},
                                                 {"host", 1147},
                                                 {"login session_close", 1},
                                                 {"login session_open", 1},
                                                 {"sshd account_check_failed invalid user", 116},
                                                 {"sshd auth_failed failed", 489},
                                                 {"sshd session_close", 36},
                                                 {"sshd session_open", 36},
                                                 {"su session_close", 86},
                                                 {"su session_open", 86}}));
}

}  // namespace
}  // namespace sightline::syslog
