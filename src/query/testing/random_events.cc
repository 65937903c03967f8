#include "query/testing/random_events.h"

#include <array>
#include <vector>

#include "event/decimal.h"

namespace sightline::query::testing {
namespace {

using namespace std::string_view_literals;

constexpr std::array kFields{
    FieldId::event_type,
    FieldId::user,
    FieldId::exe,
    FieldId::arguments,
    FieldId::command,
    FieldId::account_id,
    FieldId::hostname,
    FieldId::src_ip,
    FieldId::dst_ip,
    FieldId::aws_region,
    FieldId::event_name,
    FieldId::source_ip_address,
    FieldId::bucket_name,
    FieldId::object_ref_name,
    FieldId::args,
    FieldId::path,
    FieldId::group,
    FieldId::source_ips,
    FieldId::pid,
    FieldId::session,
    FieldId::exit,
    FieldId::src_port,
    FieldId::dst_port,
    FieldId::uid,
    FieldId::success,
    FieldId::read_only,
    FieldId::partial,
    FieldId::user_identity_account_id,
    FieldId::recipient_account_id,
};

const std::vector<std::string> kPaths{
    "requestParameters.instanceId",
    "custom.value",
    "custom.number",
    "custom.mixed",
    "custom.address",
    "name",  // also an alias, as the next three
    "ip",
    "port",
    "region",
    "weird key/\xC3\xBC \"quoted\" `tick`",
    "a0",
    "pid",  // a field's name, for a value that did not fit it
};

constexpr std::array kTexts{
    ""sv,
    " "sv,
    "root"sv,
    "Root"sv,
    "ROOT"sv,
    "ubuntu"sv,
    "/usr/bin/curl"sv,
    "/usr/bin/sudo"sv,
    "curl -s http://169.254.169.254/latest"sv,
    "failed"sv,
    "authentication-failed"sv,
    "AccessDenied"sv,
    "true"sv,
    "false"sv,
    "null"sv,
    "42"sv,
    "042"sv,
    "1000"sv,
    "1e3"sv,
    "-7"sv,
    "1.50"sv,
    "a*b"sv,
    "a\\*b"sv,
    "*"sv,
    "50%_done?"sv,
    "C:\\Windows\\System32\\cmd.exe"sv,
    "say \"hi\" and 'bye'"sv,
    "line one\nline two"sv,
    "tab\there\r\n"sv,
    "a\0b"sv,
    "\0"sv,
    "nul at end\0"sv,
    "\x1F"sv,
    "root\x1Froot"sv,
    "\x02"sv,
    "Z\xC3\xBCrich"sv,
    "\xC3\x89"
    "COLE"sv,
    "\xC3\xA9"
    "cole"sv,
    "\xE2\x84\xAA"
    "elvin k K"sv,  // the Kelvin sign folds to k in Unicode, not in ASCII
    "long \xC5\xBF s S"sv,
    "\xF0\x9F\x94\x91 key"sv,
    "\xE6\x97\xA5\xE6\x9C\xAC"sv,
    "caf\xE9s"sv,  // Latin-1
    "caf\xE9"sv,
    "\xFF\xFE"sv,
    "x\xF0\x9F\x94y"sv,
    "\xED\xA0\x80 surrogate"sv,
    "\xC0\xAF overlong"sv,
    "end \xF0\x9F"sv,
    "\xEF\xBF\xBD\xFF replaced"sv,
    "(.*)[a-z]+$^"sv,
    "i-08c9216f243e53fd4"sv,
    "assumed-role/ec2VpcRole/i-08c9216f243e53fd4"sv,
};

constexpr std::array kAddresses{
    "10.0.0.1"sv,
    "10.0.0.2"sv,
    "10.1.2.3"sv,
    "192.168.1.255"sv,
    "169.254.169.254"sv,
    "255.255.255.255"sv,
    "0.0.0.0"sv,
    "::1"sv,
    "::"sv,
    "::ffff:10.0.0.1"sv,
    "::FFFF:a00:1"sv,
    "0:0:0:0:0:ffff:10.0.0.2"sv,
    "::10.0.0.1"sv,
    "fd00::1"sv,
    "FD00::00ab"sv,
    "2001:db8::5"sv,
    "2001:0db8:0:0:0:0:0:5"sv,
    "fe80::1%eth0"sv,
    "10.0.0.256"sv,
    "010.0.0.1"sv,
    "10.0.0.01"sv,
    "10.0.0"sv,
    "10.0.0.1 "sv,
    " 10.0.0.1"sv,
    "10.0.0.1:80"sv,
    "[::1]"sv,
    "10.0.0.1\0"sv,
    "1:2:3:4:5:6:7"sv,
    "1:2:3:4:5:6:7:8"sv,
    "1:2:3:4:5:6:7::"sv,
    "::1::"sv,
    "12345::"sv,
    "::ffff:10.0.0.01"sv,
    "cloudtrail.amazonaws.com"sv,
    "167772161"sv,
    "1:2:3:4:5:6:1.2.3.4"sv,
    "10.0.0.1/8"sv,
    "10.0.0.1.5"sv,
    "0x0a.0.0.1"sv,
    ":1"sv,
    "10..0.1"sv,
};

constexpr std::array kNumbers{
    "0"sv,
    "-0"sv,
    "1"sv,
    "42"sv,
    "42.0"sv,
    "4.2e1"sv,
    "-7"sv,
    "-7.0"sv,
    "1000"sv,
    "1e3"sv,
    "1E+3"sv,
    "3.14"sv,
    "0.5"sv,
    "5e-1"sv,
    "-0.25"sv,
    "9007199254740993"sv,
    "9007199254740992"sv,
    "9223372036854775807"sv,
    "18446744073709551616"sv,
    "123456789012345678901234567890"sv,
    "123456789012345678901234567890.5"sv,
    "1e300"sv,
    "1e-300"sv,
    "-1e300"sv,
    "443"sv,
    "65535"sv,
};

constexpr std::array<std::int64_t, 14> kIntegers{0,  1,  -1,   7,          42,         443,       1000,
                                                 -2, 22, 1234, 4294967295, 4294967296, INT64_MAX, INT64_MIN};

// Far from now, and where parts of a time change.
constexpr std::array<std::int64_t, 9> kTimes{
    0,
    4'102'444'800'000,    // 2100
    -1,                   // the last of 1969
    -2'208'988'800'001,   // before 1900
    951'782'400'000,      // a leap day
    951'868'800'000,      // and the day after
    1'609'459'199'999,    // the last of 2020, in week 53
    1'609'459'200'000,    // the first of 2021, in the same week
    -62'135'596'800'000,  // the year 1
};

std::string long_text(RandomSource& random) {
  std::string text(3000 + random.below(3000), 'a');
  text[random.below(text.size())] = 'B';
  return text + std::string(random.pick(kTexts));
}

std::string text_of(RandomSource& random, FieldId field) {
  const bool is_address = field == FieldId::src_ip || field == FieldId::dst_ip || field == FieldId::source_ip_address ||
                          field == FieldId::source_ips;
  return is_address && random.percent(90) ? random_address(random) : random_text(random);
}

void add_fields(RandomSource& random, EventBatch& batch, Event& event) {
  for (const FieldId field : kFields) {
    if (random.percent(55)) continue;
    const FieldInfo& info = field_info(field);
    const std::size_t count = info.cardinality == FieldCardinality::list ? 1 + random.below(3) : 1;
    for (std::size_t i = 0; i < count; ++i) {
      if (info.type == FieldType::integer) {
        event.add_integer(field, random.percent(40) ? 42 : random.pick(kIntegers));
      } else if (info.type == FieldType::boolean) {
        event.add_boolean(field, random.percent(50));
      } else {
        event.add_text(field, batch.arena().copy(text_of(random, field)));
      }
    }
  }
}

void add_attributes(RandomSource& random, EventBatch& batch, Event& event) {
  for (const std::string& path : kPaths) {
    if (random.percent(50)) continue;
    const std::size_t count = random.percent(30) ? 1 + random.below(3) : 1;
    const bool holds_addresses = path == "ip" || path == "custom.address";
    for (std::size_t i = 0; i < count; ++i) {
      const bool is_number = path != "custom.value" && path != "pid" && random.percent(50);
      std::string text = holds_addresses ? random_address(random) : random_text(random);
      if (is_number) text = *canonical_decimal(random_number(random));
      event.add_attribute(path, is_number ? Attribute::Kind::number : Attribute::Kind::text, batch.arena().copy(text));
    }
  }
}

}  // namespace

std::span<const FieldId> random_fields() { return kFields; }
std::span<const std::string> random_paths() { return kPaths; }

std::string random_text(RandomSource& random) {
  if (random.percent(2)) return long_text(random);
  // Some are common, so that equality is often met.
  constexpr std::size_t kCommon = 10;
  std::string text(kTexts.at(random.below(random.percent(40) ? kCommon : kTexts.size())));
  if (random.percent(8)) text += random.pick(kTexts);
  return text;
}

std::string random_address(RandomSource& random) { return std::string(random.pick(kAddresses)); }
std::string random_number(RandomSource& random) { return std::string(random.pick(kNumbers)); }

EventBatch random_events(RandomSource& random, std::size_t count) {
  EventBatch batch;
  const BatchKey key{"random", "pairs", 1, random.below(1U << 30U)};
  batch.events().reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    Event& event = batch.add();
    event.id = make_event_id(key, i);
    event.received_time_ms = kRandomNowMs;
    // Near now, to the second and the day, and a few far away.
    event.event_time_ms = kRandomNowMs - static_cast<std::int64_t>(random.below(5'000));
    if (random.percent(50)) event.event_time_ms = kRandomNowMs - static_cast<std::int64_t>(random.below(200'000'000));
    if (random.percent(10)) event.event_time_ms = random.pick(kTimes);
    add_fields(random, batch, event);
    add_attributes(random, batch, event);
    event.original = batch.arena().copy(random_text(random));
  }
  return batch;
}

}  // namespace sightline::query::testing
