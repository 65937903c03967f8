#include "sources/masking/secret_masker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/hash.h"
#include "sources/formats/formats.h"
#include "sources/masking/secret_forms.h"

namespace sightline::sources {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::shared_ptr<const SecretPatterns> compile(std::vector<SecretPattern> patterns) {
  const auto compiled = SecretPatterns::compile(patterns);
  EXPECT_TRUE(compiled) << compiled.error().message;
  return *compiled;
}

std::shared_ptr<const SecretPatterns> defaults() {
  const auto patterns = default_secret_patterns();
  return compile({patterns.begin(), patterns.end()});
}

Decoded mask(Format format, std::string_view input, const std::shared_ptr<const SecretPatterns>& patterns) {
  Decoded out;
  const auto decoder = make_decoder(format, {});
  decoder->write(input, out);
  decoder->finish(out);
  const SecretMasker masker(patterns);
  CleanTexts clean;
  for (Event& event : out.events.events()) {
    masker.mask(
        out.events, event,
        [&](std::string_view original, Decoded& again) {
          const auto other = make_decoder(format, {});
          other->write(original, again);
          other->finish(again);
        },
        clean);
  }
  for (Rejected& rejected : out.rejected) masker.mask(rejected);
  return out;
}

// All that is kept of the input, as it is and with hexadecimal digits and escapes read.
std::string everything(const Decoded& decoded) {
  std::string all;
  const auto add = [&](std::string_view text) {
    all.append(text).append("\n").append(without_escapes(text)).append("\n");
    for (std::size_t i = 0; i + 1 < text.size(); ++i) {
      for (std::size_t end = i; end + 2 <= text.size() && from_hex(text.substr(end, 2)); end += 2) {
        all += static_cast<char>(std::stoi(std::string(text.substr(end, 2)), nullptr, 16));
        if (end + 4 > text.size() || !from_hex(text.substr(end + 2, 2))) i = end + 1;
      }
    }
    all += '\n';
  };
  for (const Event& event : decoded.events.events()) {
    add(event.original);
    for (const FieldValue& value : event.fields()) add(value.text);
    for (const Attribute& attribute : event.attributes()) add(attribute.text), add(attribute.path);
  }
  for (const Rejected& rejected : decoded.rejected) add(rejected.bytes), add(rejected.error);
  return all;
}

std::vector<std::string> marks(const Event& event) {
  std::vector<std::string> names;
  for (const FieldValue& value : event.fields()) {
    if (value.field == FieldId::masked) names.emplace_back(value.text);
  }
  return names;
}

std::string found(std::string_view text) {
  std::string result;
  const auto patterns = defaults();
  for (const SecretSpan& span : patterns->find(text)) {
    result += patterns->name(span.pattern) + "=" + std::string(text.substr(span.begin, span.end - span.begin)) + ";";
  }
  EXPECT_EQ(patterns->may_match(text) || result.empty(), true) << text;
  return result;
}

TEST(SecretPatterns, FindWhatIsASecret) {
  const std::string key(40, 'k');
  EXPECT_EQ(found("AWS_SECRET_ACCESS_KEY=" + key), "aws-secret-key=" + key + ";");
  EXPECT_EQ(found("aws configure set aws_secret_access_key " + key), "aws-secret-key=" + key + ";");
  EXPECT_EQ(found("mysqldump --password=hunter22 db"), "password-option=hunter22;");
  EXPECT_EQ(found("tool --Password 'hunter22' x"), "password-option=hunter22;");
  EXPECT_EQ(found("mysql -u root -phunter22 db"), "mysql-password=hunter22;");
  EXPECT_EQ(found("sshpass -p hunter22 ssh host"), "sshpass=hunter22;");
  EXPECT_EQ(found("PGPASSWORD=hunter22 psql"), "password-variable=hunter22;");
  EXPECT_EQ(found("curl -H Authorization: Basic dXNlcjpodW50ZXIyMg=="), "authorization=dXNlcjpodW50ZXIyMg==;");
  EXPECT_EQ(found("-H 'X: bearer abcdefghijklmnop.qrst'"), "bearer=abcdefghijklmnop.qrst;");
  EXPECT_EQ(found("git clone https://me:hunter22@example.org/x"), "url-password=hunter22;");
  EXPECT_EQ(found("-----BEGIN RSA PRIVATE KEY-----\nabc-d\n-----END RSA"), "private-key=\nabc-d\n;");
  EXPECT_EQ(found("-----BEGIN PRIVATE KEY-----\ncut off"), "private-key=\ncut off;");
}

TEST(SecretPatterns, LeaveOthersAlone) {
  for (const std::string_view text :
       {"ssh -p2222 host", "passwd root", "--password --user", "--password=", "a bearer of bad news and more",
        "https://example.org:8080/a@b", "mysql -u root", "docker run -p8080:80 nginx", "--password=[masked:x]",
        "authorization.k8s.io", "-----BEGIN PUBLIC KEY-----\nabc\n-----END PUBLIC KEY-----", ""}) {
    EXPECT_EQ(found(text), "") << text;
  }
}

TEST(SecretPatterns, SayWhatIsWrongWithOne) {
  const auto error_of = [](SecretPattern pattern) { return SecretPatterns::compile({{pattern}}).error().message; };
  EXPECT_THAT(error_of({"a", "(x"}), HasSubstr("'a': missing"));
  EXPECT_THAT(error_of({"a", "x*"}), HasSubstr("empty text"));
  EXPECT_THAT(error_of({"A b", "x"}), HasSubstr("name"));
  EXPECT_THAT(error_of({"a", std::string(2'000, 'x')}), HasSubstr("longer"));
  EXPECT_FALSE(SecretPatterns::compile({}));
}

constexpr std::string_view kAudit =
    "type=SYSCALL msg=audit(1.000:1): arch=c000003e syscall=59 success=yes exit=0 a0=1 items=1 ppid=1 pid=2 auid=0 "
    "uid=0 comm=\"mysql\" exe=\"/usr/bin/mysql\" key=(null)\n"
    "type=EXECVE msg=audit(1.000:1): argc=4 a0=\"mysql\" a1=\"--password\" a2=\"hunter22\" a3=2D2D757365723D61206200\n"
    "type=PROCTITLE msg=audit(1.000:1): proctitle=6D7973716C002D2D70617373776F72640068756E7465723232\n";

TEST(SecretMasker, AuditArgumentsTitleAndOriginal) {
  const Decoded decoded = mask(Format::auditd, kAudit, defaults());
  ASSERT_EQ(decoded.events.size(), 1U);
  const Event& event = decoded.events.events()[0];
  EXPECT_THAT(everything(decoded), Not(HasSubstr("hunter22")));
  EXPECT_EQ(event.text(FieldId::arguments)->substr(0, 45), "mysql --password [masked:password-option] --u");
  EXPECT_EQ(event.text(FieldId::exe), "/usr/bin/mysql");
  EXPECT_THAT(event.original, HasSubstr("a2=\"[masked:password-option]\""));
  EXPECT_THAT(marks(event), ElementsAre("password-option"));
}

// A long argument comes in pieces: the secret is nowhere whole in the original.
TEST(SecretMasker, TheOriginalMakesWayWhereTheSecretCannotBeFoundInIt) {
  const std::string_view input =
      "type=EXECVE msg=audit(1.000:1): argc=2 a0=\"tool\" a1_len=19 a1[0]=\"--password=hun\" a1[1]=\"ter22\"\n";
  const Decoded decoded = mask(Format::auditd, input, defaults());
  ASSERT_EQ(decoded.events.size(), 1U);
  const Event& event = decoded.events.events()[0];
  EXPECT_EQ(event.text(FieldId::arguments), "tool --password=[masked:password-option]");
  EXPECT_EQ(event.original, "[masked:password-option]");
  EXPECT_THAT(marks(event), ElementsAre("password-option"));
}

TEST(SecretMasker, JsonOfEveryFormat) {
  const std::string_view members =
      R"("args":["tool","--password","hun\u0074er22"],"note":"--password=hunter22","user":"hunter22x")";
  const auto check = [&](Format format, const std::string& input) {
    const Decoded decoded = mask(format, input, defaults());
    ASSERT_EQ(decoded.events.size(), 1U) << to_string(format);
    EXPECT_EQ(decoded.rejected_count, 0U);
    const std::string all = everything(decoded);
    EXPECT_THAT(all, Not(HasSubstr("hunter22\""))) << all;
    EXPECT_THAT(all, Not(HasSubstr("=hunter22"))) << all;
    EXPECT_THAT(all, Not(HasSubstr("hunter22 "))) << all;
    EXPECT_THAT(marks(decoded.events.events()[0]), ElementsAre("password-option"));
  };
  check(Format::ndjson, "{" + std::string(members) + "}\n");
  check(Format::cloudtrail,
        R"({"Records":[{"eventVersion":"1.08","eventTime":"2026-01-01T00:00:00Z","eventName":"RunInstances",)"
        R"("eventSource":"ec2.amazonaws.com","requestParameters":{)" +
            std::string(members) + "}}]}");
  check(Format::kubernetes,
        R"({"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"a","stage":"ResponseComplete","verb":"create",)"
        R"("requestReceivedTimestamp":"2026-01-01T00:00:00.000000Z","requestObject":{)" +
            std::string(members) + "}}\n");
  check(Format::winevent,
        R"({"Event":{"System":{"EventID":1,"Channel":"c"},"EventData":{)" + std::string(members) + "}}}");
  check(Format::winevent, R"({"winlog":{"event_id":1,"event_data":{)" + std::string(members) + "}}}");
}

TEST(SecretMasker, KeepsTheOriginalButForTheSecret) {
  const std::string_view input = R"({ "b" : "x --password=hunter22 \u00e9", "hunter22" : 1.50 })";
  const Decoded decoded = mask(Format::ndjson, input, defaults());
  EXPECT_EQ(decoded.events.events()[0].original,
            R"({ "b" : "x --password=[masked:password-option] \u00e9", "[masked:password-option]" : 1.50 })");
}

TEST(SecretMasker, ASecretThatItsMembersNameShows) {
  const auto patterns = compile({{"member", R"re("pass"\s*:\s*"([^"]+)")re"}});
  const Decoded decoded = mask(Format::ndjson, R"({"pass":"hunt\u0065r22","user":"root"})", patterns);
  const Event& event = decoded.events.events()[0];
  EXPECT_THAT(everything(decoded), Not(HasSubstr("hunter22")));
  EXPECT_EQ(event.text(FieldId::user), "root");
  EXPECT_THAT(marks(event), ElementsAre("member"));
}

TEST(SecretMasker, WithoutSecretsNothingChanges) {
  const std::string_view input = R"({"args":["ssh","-p2222"],"user":"root"})";
  const Decoded decoded = mask(Format::ndjson, input, defaults());
  EXPECT_EQ(decoded.events.events()[0].original, input);
  EXPECT_THAT(marks(decoded.events.events()[0]), IsEmpty());
}

TEST(SecretMasker, QuarantinedBytesAndTheirErrors) {
  for (const std::string_view line :
       {R"({"a":"--password=hunter22",})", R"({"a":"--pass\u0077ord=hunter22",})", "--password=hunter22",
        "type=EXECVE msg=bad 2D2D70617373776F72643D68756E7465723232"}) {
    for (const Format format : {Format::ndjson, Format::auditd}) {
      const Decoded decoded = mask(format, std::string(line) + "\n", defaults());
      EXPECT_THAT(everything(decoded), Not(HasSubstr("hunter22"))) << line;
    }
  }
}

// Megabytes without an end to what a pattern looks for.
TEST(SecretMasker, HugeTextsTakeLinearTime) {
  std::string line = R"({"a":")";
  while (line.size() < 3'000'000) line += "mysql --password https://a:b -----BEGIN PRIVATE KEY----- ";
  line += "\"}";
  const Decoded decoded = mask(Format::ndjson, line, defaults());
  EXPECT_EQ(decoded.events.size() + decoded.rejected.size(), 1U);
}

TEST(SecretMasker, ManyDistinctSecretsTakeLinearTime) {
  std::string line = R"({"a":")";
  for (int i = 0; line.size() < 2'000'000; ++i) line += "https://a:secret" + std::to_string(i) + "@host ";
  line += "\"}";
  const Decoded decoded = mask(Format::ndjson, line, defaults());
  ASSERT_EQ(decoded.events.size(), 1U);
  EXPECT_EQ(decoded.events.events()[0].original, "[masked:url-password]");
  EXPECT_EQ(decoded.events.events()[0].attributes()[0].text.find("secret"), std::string_view::npos);
}

}  // namespace
}  // namespace sightline::sources
