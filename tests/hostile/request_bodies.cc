// Hostile requests whose harm is in the body. Each line: kind, what it is, what must come of it, its bytes.
#include <fmt/format.h>

#include "hostile/case.h"
#include "hostile/payloads.h"

namespace sightline::hostile {

namespace {

using namespace std::string_literals;

constexpr std::string_view kGzip = "Content-Encoding: gzip\r\n";
constexpr std::string_view kZstd = "Content-Encoding: zstd\r\n";
constexpr std::string_view kLine = R"({"event_type":"hostile"})"
                                   "\n";
const std::string kMiB(1U << 20U, '\n');

std::string packed(std::string_view coding, std::string_view body) { return post("/v1/events", body, coding); }

const std::vector<Case> kPacked = {
    {"compression", "gzip, 300 MiB of line feeds", "413 open", [] { return packed(kGzip, gzip_bomb(kMiB, 300)); }},
    {"compression", "zstd, 300 MiB of line feeds", "413 open", [] { return packed(kZstd, zstd_bomb(kMiB, 300)); },
     true},
    {"compression", "gzip, 10 GiB of line feeds", "413 open",
     [] { return packed(kGzip, repeated(gzip_bomb(kMiB, 128), 80)); }, true},
    {"compression", "gzip, one line of 100 MiB", "200 open",
     [] { return packed(kGzip, gzip_bomb(letters(32U << 10U) + std::string(1U << 20U, 'a'), 100)); }},
    {"compression", "gzip, a text of 100 MiB in JSON", "200 open",
     [] {
       const std::string text = repeated(letters(32U << 10U) + std::string(1U << 20U, 'a'), 100);
       return packed(kGzip, gzip("{\"a\":\"" + text + "\"}\n" + std::string(kLine)));
     },
     true},
    {"compression", "gzip, 1,000,001 events", "413 open",
     [] { return packed(kGzip, gzip_bomb("{\"a\":1}\n", 1'000'001)); }},
    {"compression", "gzip in gzip, 300 MiB", "200 open", [] { return packed(kGzip, gzip(gzip_bomb(kMiB, 300))); },
     true},
    {"compression", "gzip, named twice", "415 open",
     [] { return packed("Content-Encoding: gzip, gzip\r\n", gzip(gzip(kLine))); }},
    {"compression", "zstd in gzip", "200 open", [] { return packed(kGzip, gzip(zstd(kLine))); }},
    {"compression", "gzip of 1,000 members", "200 open", [] { return packed(kGzip, repeated(gzip(kLine), 1'000)); }},
    {"compression", "gzip of 100,000 empty members", "200 open",
     [] { return packed(kGzip, repeated(gzip(""), 100'000)); }},
    {"compression", "zstd of 10,000 frames", "200 open", [] { return packed(kZstd, repeated(zstd(kLine), 10'000)); }},
    {"compression", "gzip bombs of 100 MiB, three", "413 open",
     [] { return packed(kGzip, repeated(gzip_bomb(kMiB, 100), 3)); }, true},
    {"compression", "gzip, cut", "400 open", [] { return packed(kGzip, gzip(kLine).substr(0, 20)); }},
    {"compression", "gzip, without its last byte", "400 open",
     [] {
       std::string bytes = gzip(kLine);
       bytes.pop_back();
       return packed(kGzip, bytes);
     }},
    {"compression", "gzip, a wrong checksum", "400 open",
     [] {
       std::string bytes = gzip(kLine);
       bytes[bytes.size() - 6] ^= 1;
       return packed(kGzip, bytes);
     }},
    {"compression", "gzip, its head alone", "400 open", [] { return packed(kGzip, "\x1f\x8b\x08\x00"s); }},
    {"compression", "gzip, a file name of 1 MiB", "200 open",
     [] {
       return packed(kGzip,
                     "\x1f\x8b\x08\x08\0\0\0\0\0\x03"s + std::string(1U << 20U, 'n') + '\0' + gzip(kLine).substr(10));
     }},
    {"compression", "gzip, noise behind it", "400 open", [] { return packed(kGzip, gzip(kLine) + noise(1'000, 1)); }},
    {"compression", "gzip, noise in it", "400 open",
     [] { return packed(kGzip, gzip(kLine).substr(0, 10) + noise(1'000, 2)); }},
    {"compression", "zstd, cut", "400 open", [] { return packed(kZstd, zstd(kLine).substr(0, 12)); }},
    {"compression", "zstd, noise", "400 open", [] { return packed(kZstd, "\x28\xb5\x2f\xfd"s + noise(1'000, 3)); }},
    {"compression", "zstd, a window of 2 GiB", "400 open", [] { return packed(kZstd, zstd_with_huge_window()); }},
    {"compression", "zstd, a skipped frame of 4 GiB", "400 open",
     [] { return packed(kZstd, "\x50\x2a\x4d\x18\xff\xff\xff\xffx"s); }},
    {"compression", "gzip, and it is not", "400 open", [] { return packed(kGzip, kLine); }},
    {"compression", "zstd, and it is gzip", "400 open", [] { return packed(kZstd, gzip(kLine)); }},
    {"compression", "none, and it is gzip", "200 open", [] { return packed("", gzip(kLine)); }},
    {"compression", "gzip of nothing", "200 open", [] { return packed(kGzip, gzip("")); }},
    {"compression", "gzip, and nothing", "400 open", [] { return packed(kGzip, ""); }},
    {"compression", "deflate", "415 open", [] { return packed("Content-Encoding: deflate\r\n", "x"); }},
    {"compression", "br", "415 open", [] { return packed("Content-Encoding: br\r\n", "x"); }},
    {"compression", "of 10 KiB", "415 open",
     [] { return packed("Content-Encoding: " + repeated("x", 10'000) + "\r\n", "x"); }},
    {"compression", "named on two lines", "400 closed",
     [] { return packed("Content-Encoding: gzip\r\nContent-Encoding: identity\r\n", gzip(kLine)); }},
};

const std::vector<Case> kEvents = {
    {"events", "nothing", "200 open", [] { return post("/v1/events", ""); }},
    {"events", "a million line feeds", "200 open", [] { return post("/v1/events", kMiB); }},
    {"events", "60 MiB of blanks", "200 open", [] { return post("/v1/events", std::string(60U << 20U, ' ')); }},
    {"events", "60 MiB of brackets", "200 open", [] { return post("/v1/events", std::string(60U << 20U, '[')); }, true},
    {"events", "60 MiB of quotes", "200 open", [] { return post("/v1/events", std::string(60U << 20U, '"')); }, true},
    {"events", "a line of 5 MiB", "200 open", [] { return event(R"("a":")" + std::string(5U << 20U, 'a') + '"'); }},
    {"events", "a value of 1 MiB", "200 open", [] { return event(R"("a":")" + std::string(1U << 20U, 'a') + '"'); }},
    {"events", "a user of 1 MiB", "200 open", [] { return event(R"("user":")" + std::string(1U << 20U, 'a') + '"'); }},
    {"events", "a name of 1 MiB", "200 open", [] { return event('"' + std::string(1U << 20U, 'a') + R"(":1)"); }},
    {"events", "a million names", "200 open", [] { return post("/v1/events", many_keys(150'000)); }},
    {"events", "10,000 names", "200 open", [] { return post("/v1/events", many_keys(10'000)); }},
    {"events", "20,000 shapes", "200 open", [] { return post("/v1/events", many_shapes(20'000)); }},
    {"events", "a list of 500,000", "200 open", [] { return event(R"("a":[0)" + repeated(",1", 500'000) + ']'); }},
    {"events", "10,000 brackets", "200 open", [] { return post("/v1/events", deep("[", 10'000)); }},
    {"events", "10,000 brackets, closed", "200 open",
     [] { return post("/v1/events", deep_and_closed("[", "]", 10'000)); }},
    {"events", "1,000,000 objects", "200 open", [] { return post("/v1/events", deep(R"({"a":)", 800'000)); }},
    {"events", "64 objects", "200 open", [] { return post("/v1/events", deep_and_closed(R"({"a":)", "}", 62)); }},
    {"events", "NULs", "200 open", [] { return post("/v1/events", "{\"a\":\"\0\0\"}\n\0\0\0"s); }},
    {"events", "an escaped NUL", "200 open", [] { return event(R"("user":"a\u0000b","\u0000":"x")"); }},
    {"events", "invalid UTF-8", "200 open", [] { return event("\"user\":\"\xff\xfe\xc0\x80\""); }},
    {"events", "UTF-8 cut off", "200 open", [] { return event("\"user\":\"\xe2\x82\""); }},
    {"events", "half a surrogate", "200 open", [] { return event(R"("user":"\ud800")"); }},
    {"events", "surrogates the wrong way round", "200 open", [] { return event(R"("user":"\udc00\ud800")"); }},
    {"events", "a mark of byte order", "200 open", [] { return post("/v1/events", "\xef\xbb\xbf{}"); }},
    {"events", "UTF-16", "200 open", [] { return post("/v1/events", "{\0\"\0a\0\"\0:\0001\0}\0"s); }},
    {"events", "text that runs backwards", "200 open", [] { return event("\"user\":\"\xe2\x80\xaetoor\""); }},
    {"events", "escape sequences", "200 open", [] { return event(R"("user":"\u001b]0;title\u0007\u001b[2J")"); }},
    {"events", "names twice", "200 open", [] { return event(R"("user":"a","user":"b","user":null)"); }},
    {"events", "an empty name", "200 open", [] { return event(R"("":1,".":2,"..":3)"); }},
    {"events", "names with dots", "200 open", [] { return event(R"("a.b":1,"a":{"b":2})"); }},
    {"events", "a name of JavaScript", "200 open",
     [] { return event(R"("__proto__":{"admin":true},"constructor":1)"); }},
    {"events", "names of columns", "200 open",
     [] { return event(R"("batch":"x","structure":"x","actor_group":"x","words":[])"); }},
    {"events", "an id of its own", "200 open", [] { return event(R"("id":"00000000000000000000000000000000")"); }},
    {"events", "another's agent", "200 open", [] { return event(R"("agent_id":"somebody")"); }},
    {"events", "SQL", "200 open", [] { return event(R"("user":"'); DROP TABLE events; --","a') FROM x--":1)"); }},
    {"events", "a time of 10^308", "200 open", [] { return event(R"("event_time":1e308)"); }},
    {"events", "a time before all", "200 open", [] { return event(R"("event_time":-9223372036854775808)"); }},
    {"events", "a time of 2^63", "200 open", [] { return event(R"("event_time":9223372036854775808)"); }},
    {"events", "a time of 1601", "200 open", [] { return event(R"("event_time":"1601-01-01T00:00:00Z")"); }},
    {"events", "a time of 9999", "200 open", [] { return event(R"("event_time":"9999-12-31T23:59:59.999Z")"); }},
    {"events", "a time of 99999", "200 open", [] { return event(R"("event_time":"99999-01-01T00:00:00Z")"); }},
    {"events", "a time of February 30", "200 open", [] { return event(R"("event_time":"2026-02-30T00:00:00Z")"); }},
    {"events", "a leap second", "200 open", [] { return event(R"("event_time":"2016-12-31T23:59:60Z")"); }},
    {"events", "a time that is an object", "200 open", [] { return event(R"("event_time":{"year":2026})"); }},
    {"events", "10,000 different days", "200 open",
     [] {
       std::string lines;
       for (int i = 0; i < 10'000; ++i)
         lines += fmt::format("{{\"event_time\":{}}}\n", 1'000'000'000'000 + i * 86'400'000LL);
       return post("/v1/events", lines);
     }},
    {"events", "a number of 100,000 digits", "200 open", [] { return event(R"("pid":)" + repeated("9", 100'000)); }},
    {"events", "an exponent of 10^9", "200 open", [] { return event(R"("pid":1e999999999,"a":1e-999999999)"); }},
    {"events", "a pid that is no number", "200 open", [] { return event(R"("pid":"' OR 1=1","ppid":{},"uid":[])"); }},
    {"events", "NaN", "200 open", [] { return event(R"("a":NaN,"b":Infinity)"); }},
    {"events", "minus zero", "200 open", [] { return event(R"("pid":-0,"a":-0.0e-0)"); }},
    {"events", "an array", "200 open", [] { return post("/v1/events", "[{},{}]"); }},
    {"events", "broken off", "200 open", [] { return post("/v1/events", R"({"a":"b)"); }},
    {"events", "100,000 bad lines", "200 open", [] { return post("/v1/events", repeated("x\n", 100'000)); }},
    {"events", "100,000 bad lines that end with CR", "200 open",
     [] { return post("/v1/events", repeated("x\r", 100'000)); }},
    {"events", "one that is too large", "413 closed",
     [] { return post("/v1/events", std::string((64U << 20U) + 1, 'a')); }},
};

struct Format {
  const char* name;
  std::string begin;   // how proper input begins
  std::string record;  // one proper record
};

const std::vector<Format> kFormats = {
    {"auditd", "type=SYSCALL msg=audit(1600362902.289:101): ",
     "type=SYSCALL msg=audit(1600362902.289:101): arch=c000003e syscall=59 pid=2 exe=\"/bin/x\"\n"},
    {"cloudtrail", R"({"Records":[)",
     R"({"eventName":"GetObject","eventTime":"2026-01-01T00:00:00Z","eventVersion":"1.08"})"},
    {"kubernetes", R"({"kind":"Event","items":[)",
     R"({"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"1","stage":"RequestReceived"})"
     "\n"},
    {"syslog", "<34>1 ",
     "<34>1 2026-01-01T00:00:00Z host sshd 1 - - Accepted password for root from 1.2.3.4 port 5 ssh2\n"},
    {"journald", R"({"MESSAGE":)",
     R"({"MESSAGE":"x","__REALTIME_TIMESTAMP":"1600362902289000"})"
     "\n"},
    {"laurel", R"({"ID":"1600362902.289:101",)",
     R"({"ID":"1600362902.289:101","SYSCALL":{"arch":"0xc000003e"}})"
     "\n"},
};

struct Payload {
  const char* name;
  std::function<std::string(const Format&)> bytes;
};

const std::vector<Payload> kPayloads = {
    {"noise", [](const Format&) { return noise(100'000, 7); }},
    {"a beginning and noise", [](const Format& format) { return format.begin + noise(100'000, 8); }},
    {"a beginning alone", [](const Format& format) { return format.begin; }},
    {"a beginning, 50,000 times", [](const Format& format) { return repeated(format.begin, 50'000); }},
    {"a record, cut", [](const Format& format) { return format.record.substr(0, format.record.size() / 2); }},
    {"a line of 5 MiB", [](const Format& format) { return format.begin + std::string(5U << 20U, 'a'); }},
    {"200,000 brackets", [](const Format& format) { return format.begin + repeated("[", 200'000); }},
    {"a million keys", [](const Format& format) { return format.begin + repeated("a=1 ", 1'000'000); }},
    {"NULs", [](const Format& format) { return format.begin + std::string(100'000, '\0') + "\n" + format.record; }},
    {"records without an end",
     [](const Format& format) {
       return repeated(format.record.substr(0, format.record.find_last_not_of('\n') + 1), 10'000);
     }},
};

// Every format gets every payload: what is bad is rejected, and the connection lives.
std::vector<Case> cases_of_formats() {
  std::vector<Case> cases;
  for (const Format& format : kFormats) {
    for (const Payload& payload : kPayloads) {
      const std::string path = fmt::format("/v1/ingest/{}", format.name);
      cases.push_back({format.name, payload.name, "200 open",
                       [&format, &payload, path] { return post(path, payload.bytes(format)); }});
    }
  }
  return cases;
}

}  // namespace

std::vector<Case> cases_of_bodies() {
  std::vector<Case> cases = kPacked;
  cases.insert(cases.end(), kEvents.begin(), kEvents.end());
  const std::vector<Case> formats = cases_of_formats();
  cases.insert(cases.end(), formats.begin(), formats.end());
  return cases;
}

}  // namespace sightline::hostile
