#include "sources/windows/windows_decoder.h"

#include <gtest/gtest.h>

#include "sources/decode_testing.h"

namespace sightline::windows {
namespace {

sources::Decoded decode(std::string_view bytes) { return sources::testing::decode(*make_windows_decoder({}), bytes); }

struct One : sources::testing::OnlyEvent {
  explicit One(std::string_view bytes) : OnlyEvent(decode(bytes)) { EXPECT_EQ(event.original, bytes); }
};

// One event of Sysmon in the shapes it comes in.
constexpr std::string_view kEvtxDump = R"({"Event":{"#attributes":{"xmlns":"x"},"System":{
  "Provider":{"#attributes":{"Name":"Microsoft-Windows-Sysmon","Guid":"5770385F"}},"EventID":1,"Level":4,
  "TimeCreated":{"#attributes":{"SystemTime":"2024-07-31T12:46:41.116889Z"}},"EventRecordID":77,"Correlation":null,
  "Execution":{"#attributes":{"ProcessID":3308,"ThreadID":4008}},"Channel":"Microsoft-Windows-Sysmon/Operational",
  "Computer":"dc.example.test","Security":{"#attributes":{"UserID":"S-1-5-18"}}},"EventData":{
  "UtcTime":"2024-07-31 12:46:41.111","ProcessId":7876,"Image":"C:\\Windows\\System32\\cmdkey.exe",
  "CommandLine":"cmdkey  /list","CurrentDirectory":"C:\\","User":"CORP\\alice","LogonId":"0x529ae3","Hashes":"MD5=1",
  "ParentProcessId":6304,"ParentImage":"C:\\Windows\\System32\\cmd.exe"}}})";
constexpr std::string_view kSeparateAttributes = R"({"Event":{"Event_attributes":{"xmlns":"x"},"System":{
  "Provider_attributes":{"Name":"Microsoft-Windows-Sysmon","Guid":"5770385F"},"EventID":1,
  "TimeCreated_attributes":{"SystemTime":"2024-07-31T12:46:41.116889Z"},"EventRecordID":77,
  "Execution_attributes":{"ProcessID":3308},"Channel":"Microsoft-Windows-Sysmon/Operational",
  "Computer":"dc.example.test"},"EventData":{
  "UtcTime":"2024-07-31 12:46:41.111","ProcessId":7876,"Image":"C:\\Windows\\System32\\cmdkey.exe",
  "CommandLine":"cmdkey  /list","CurrentDirectory":"C:\\","User":"CORP\\alice","LogonId":"0x529ae3","Hashes":"MD5=1",
  "ParentProcessId":6304,"ParentImage":"C:\\Windows\\System32\\cmd.exe"}}})";
constexpr std::string_view kXmlPairs = R"({"Event":{"@xmlns":"x","System":{
  "Provider":{"@Name":"Microsoft-Windows-Sysmon"},"EventID":{"@Qualifiers":"0","#text":"1"},
  "TimeCreated":{"@SystemTime":"2024-07-31T12:46:41.116889Z"},"EventRecordID":"77","Execution":{"@ProcessID":"3308"},
  "Channel":"Microsoft-Windows-Sysmon/Operational","Computer":"dc.example.test"},"EventData":{"Data":[
  {"@Name":"UtcTime","#text":"2024-07-31 12:46:41.111"},{"@Name":"Empty"},{"@Name":"ProcessId","#text":"7876"},
  {"@Name":"Image","#text":"C:\\Windows\\System32\\cmdkey.exe"},{"@Name":"CommandLine","#text":"cmdkey  /list"},
  {"@Name":"CurrentDirectory","#text":"C:\\"},{"@Name":"User","#text":"CORP\\alice"},
  {"@Name":"LogonId","#text":"0x529ae3"},{"@Name":"Hashes","#text":"MD5=1"},
  {"@Name":"ParentProcessId","#text":"6304"},{"@Name":"ParentImage","#text":"C:\\Windows\\System32\\cmd.exe"}]}}})";
constexpr std::string_view kWinlogbeat = R"({"@timestamp":"2024-07-31T12:46:41.116Z","host":{"name":"collector"},
  "winlog":{"provider_name":"Microsoft-Windows-Sysmon","event_id":1,"record_id":"77","process":{"pid":3308},
  "channel":"Microsoft-Windows-Sysmon/Operational","computer_name":"dc.example.test","event_data":{
  "UtcTime":"2024-07-31 12:46:41.111","ProcessId":"7876","Image":"C:\\Windows\\System32\\cmdkey.exe",
  "CommandLine":"cmdkey  /list","CurrentDirectory":"C:\\","User":"CORP\\alice","LogonId":"0x529ae3","Hashes":"MD5=1",
  "ParentProcessId":"6304","ParentImage":"C:\\Windows\\System32\\cmd.exe"}}})";
constexpr std::string_view kNxlog = R"({"EventTime":"2024-07-31 14:46:41","Hostname":"dc.example.test","EventID":1,
  "SourceName":"Microsoft-Windows-Sysmon","RecordNumber":77,"ProcessID":3308,
  "Channel":"Microsoft-Windows-Sysmon/Operational",
  "UtcTime":"2024-07-31 12:46:41.111","ProcessId":"7876","Image":"C:\\Windows\\System32\\cmdkey.exe",
  "CommandLine":"cmdkey  /list","CurrentDirectory":"C:\\","User":"CORP\\alice","LogonId":"0x529ae3","Hashes":"MD5=1",
  "ParentProcessId":"6304","ParentImage":"C:\\Windows\\System32\\cmd.exe"})";

TEST(Windows, EveryShapeIsTheSameEvent) {
  for (const std::string_view bytes : {kEvtxDump, kSeparateAttributes, kXmlPairs, kWinlogbeat, kNxlog}) {
    const One one(bytes);
    EXPECT_EQ(one.event.event_time_ms / 1000, 1722430001) << bytes;
    EXPECT_EQ(one.event.integer(FieldId::win_event_id), 1) << bytes;
    EXPECT_EQ(one.event.integer(FieldId::record_number), 77) << bytes;
    EXPECT_EQ(one.event.integer(FieldId::pid), 7876) << bytes;
    EXPECT_EQ(one.event.integer(FieldId::ppid), 6304) << bytes;
    EXPECT_EQ(one.event.integer(FieldId::session), 0x529ae3) << bytes;
    EXPECT_EQ(one.text(FieldId::provider), "Microsoft-Windows-Sysmon") << bytes;
    EXPECT_EQ(one.text(FieldId::channel), "Microsoft-Windows-Sysmon/Operational") << bytes;
    EXPECT_EQ(one.text(FieldId::hostname), "dc.example.test") << bytes;
    EXPECT_EQ(one.text(FieldId::event_type), "audit") << bytes;
    EXPECT_EQ(one.text(FieldId::type), "start") << bytes;
    EXPECT_EQ(one.text(FieldId::exe), "C:\\Windows\\System32\\cmdkey.exe") << bytes;
    EXPECT_EQ(one.text(FieldId::command), "cmdkey.exe") << bytes;
    EXPECT_EQ(one.text(FieldId::arguments), "cmdkey  /list") << bytes;
    EXPECT_EQ(one.text(FieldId::parent_exe), "C:\\Windows\\System32\\cmd.exe") << bytes;
    EXPECT_EQ(one.text(FieldId::cwd), "C:\\") << bytes;
    EXPECT_EQ(one.text(FieldId::user), "alice") << bytes;
    EXPECT_EQ(one.text(FieldId::domain), "CORP") << bytes;
    EXPECT_EQ(one.at("User"), "CORP\\alice") << bytes;
    EXPECT_EQ(one.at("Hashes"), "MD5=1") << bytes;
    EXPECT_EQ(one.at("UtcTime"), "2024-07-31 12:46:41.111") << bytes;
    EXPECT_EQ(one.event.find(FieldId::malformed), nullptr) << bytes;
  }
  EXPECT_EQ(One(kEvtxDump).at("System.Execution.ProcessID"), "3308");
  EXPECT_EQ(One(kEvtxDump).at("System.TimeCreated.SystemTime"), "2024-07-31T12:46:41.116889Z");
  EXPECT_EQ(One(kXmlPairs).at("System.EventID.Qualifiers"), "0");
  EXPECT_EQ(One(kWinlogbeat).at("original_host.name"), "collector");
}

std::string security(int id, std::string_view data, std::string_view keywords = "0x8020000000000000") {
  return R"({"Event":{"System":{"Provider":{"#attributes":{"Name":"Microsoft-Windows-Security-Auditing"}},"EventID":)" +
         std::to_string(id) + R"(,"Keywords":")" + std::string(keywords) +
         R"(","Channel":"Security","TimeCreated":{"#attributes":{"SystemTime":"2024-07-31T12:46:41Z"}}},"EventData":{)" +
         std::string(data) + "}}}";
}

constexpr std::string_view kLogon = R"("SubjectUserName":"DC$","SubjectLogonId":"0x3e7","TargetUserName":"alice",
  "TargetDomainName":"CORP","TargetUserSid":"S-1-5-21-1","TargetLogonId":"0x1f","LogonType":3,"IpAddress":"10.1.2.3",
  "IpPort":"50123","AuthenticationPackageName":"NTLM","Status":"0xc000006d")";

TEST(Windows, LogonsAreLogins) {
  const auto type = [](int id) {
    const One one(security(id, kLogon));
    EXPECT_EQ(one.text(FieldId::event_type), "login");
    EXPECT_EQ(one.text(FieldId::target_user), "alice");
    return one.text(FieldId::type);
  };
  EXPECT_EQ(type(4624), "login");
  EXPECT_EQ(type(4625), "login_failed");
  EXPECT_EQ(type(4634), "logout");
  EXPECT_EQ(type(4648), "auth");
  const One one(security(4624, kLogon));
  EXPECT_EQ(one.text(FieldId::user), "alice");
  EXPECT_EQ(one.text(FieldId::domain), "CORP");
  EXPECT_EQ(one.text(FieldId::sid), "S-1-5-21-1");
  EXPECT_EQ(one.event.integer(FieldId::session), 0x1f);
  EXPECT_EQ(one.text(FieldId::src_ip), "10.1.2.3");
  EXPECT_EQ(one.event.integer(FieldId::src_port), 50123);
  EXPECT_EQ(one.text(FieldId::method), "NTLM");
  EXPECT_EQ(one.at("LogonType"), "3");
  EXPECT_EQ(one.event.integer(FieldId::success), 1);
  EXPECT_EQ(One(security(4625, kLogon)).event.integer(FieldId::success), 0);
  EXPECT_EQ(One(security(4625, kLogon)).at("Status"), "0xc000006d");
  EXPECT_EQ(One(security(4648, kLogon)).text(FieldId::user), "DC$");
  const One local(security(4624, R"("TargetUserName":"alice","IpAddress":"-","IpPort":"-")"));
  EXPECT_EQ(local.event.find(FieldId::src_ip), nullptr);
  EXPECT_EQ(local.at("IpAddress"), "-");
}

TEST(Windows, SecuritysProcessIdIsTheParentOfAStart) {
  const One one(security(4688, R"("SubjectUserName":"alice","SubjectDomainName":"CORP","SubjectLogonId":"0x1f",
    "NewProcessId":"0x1a4","NewProcessName":"C:\\a\\b.exe","ProcessId":"0x10","ParentProcessName":"C:\\p.exe",
    "CommandLine":"b.exe /x","TargetUserName":"-")"));
  EXPECT_EQ(one.text(FieldId::type), "start");
  EXPECT_EQ(one.text(FieldId::exe), "C:\\a\\b.exe");
  EXPECT_EQ(one.text(FieldId::command), "b.exe");
  EXPECT_EQ(one.event.integer(FieldId::pid), 0x1a4);
  EXPECT_EQ(one.event.integer(FieldId::ppid), 0x10);
  EXPECT_EQ(one.at("original_ProcessId"), "0x10");
  EXPECT_EQ(one.text(FieldId::parent_exe), "C:\\p.exe");
  EXPECT_EQ(one.text(FieldId::user), "alice");
  EXPECT_EQ(one.text(FieldId::target_user), "(null)");
  EXPECT_EQ(one.event.integer(FieldId::session), 0x1f);
}

std::string sysmon(int id, std::string_view data) {
  return R"({"Provider_Name":"Microsoft-Windows-Sysmon","EventID":")" + std::to_string(id) + "\"," + std::string(data) +
         "}";
}

TEST(Windows, ConnectionsAndFilesAreOurs) {
  const std::string ends = R"("Protocol":"tcp","SourceIp":"10.0.0.1","SourcePort":50000,"DestinationIp":"10.0.0.2",
    "DestinationPort":"443","Image":"C:\\x.exe")";
  const One out(sysmon(3, ends + R"(,"Initiated":"true")"));
  EXPECT_EQ(out.text(FieldId::event_type), "network");
  EXPECT_EQ(out.text(FieldId::type), "connect");
  EXPECT_EQ(out.text(FieldId::protocol), "tcp");
  EXPECT_EQ(out.text(FieldId::dst_ip), "10.0.0.2");
  EXPECT_EQ(out.event.integer(FieldId::dst_port), 443);
  EXPECT_EQ(out.event.integer(FieldId::src_port), 50000);
  EXPECT_EQ(One(sysmon(3, ends + R"(,"Initiated":"false")")).text(FieldId::type), "accept");
  const One file(sysmon(11, R"("TargetFilename":"C:\\t.txt","Image":"C:\\x.exe")"));
  EXPECT_EQ(file.text(FieldId::event_type), "file");
  EXPECT_EQ(file.text(FieldId::type), "create");
  EXPECT_EQ(file.text(FieldId::filename), "C:\\t.txt");
  EXPECT_EQ(file.text(FieldId::malformed), "TimeCreated");
}

TEST(Windows, OtherEventsKeepEverything) {
  const One one(
      R"({"Event":{"System":{"Provider":{"@Name":"Microsoft-Windows-WMI-Activity"},"EventID":5858,
      "Security":{"@UserID":"S-1-5-7"}},"UserData":{"Operation_ClientFailure":{"ClientMachine":"m","path":"p"}},
      "EventData":{"Data":{"#text":["a","b"]},"name":"n","Nested":{"X":1.50}}}})");
  EXPECT_EQ(one.text(FieldId::event_type), "winsec");
  EXPECT_EQ(one.text(FieldId::type), "(null)");
  EXPECT_EQ(one.at("ClientMachine"), "m");
  EXPECT_EQ(one.at("original_path"), "p");
  EXPECT_EQ(one.at("original_name"), "n");
  EXPECT_EQ(one.at("Data"), "a");
  EXPECT_EQ(one.at("Nested.X"), "1.5");
  EXPECT_EQ(one.text(FieldId::sid), "S-1-5-7");
  // A provider of another log does not pass for Security by its EventID.
  EXPECT_EQ(One(R"({"ProviderName":"Other","Channel":"Security","EventID":4624})").text(FieldId::event_type), "winsec");
}

TEST(Windows, NamedDataIsPairedInEitherOrder) {
  const auto data = [](std::string_view list) {
    return One(R"({"Event":{"System":{"EventID":9},"EventData":{"Data":[)" + std::string(list) + "]}}}");
  };
  EXPECT_EQ(data(R"({"#text":"1","@Name":"A"},{"@Name":"B"},{"#text":"3","@Name":"C"})").at("C"), "3");
  EXPECT_EQ(data(R"({"Name":"A"},{"Name":"B","Value":2})").at("B"), "2");
  EXPECT_EQ(data(R"({"$":{"Name":"A"},"_":"1"})").at("A"), "1");
  const One bad = data(R"({"@Name":"DestinationPort","#text":"https"},"loose")");
  EXPECT_EQ(bad.at("original_DestinationPort"), "https");
  EXPECT_EQ(bad.at("Data"), "loose");
  EXPECT_EQ(bad.text(FieldId::malformed), "dst_port");
}

TEST(Windows, ObjectsNeedNothingBetweenThem) {
  const std::string two = std::string(kEvtxDump) + std::string(kNxlog);
  const sources::Decoded out = decode(two + "\n[" + two + "]{\"Events\":[" + std::string(kWinlogbeat) + "]}");
  EXPECT_EQ(out.events.size(), 3U + 2U);
  EXPECT_EQ(out.rejected_count, 0U);
  EXPECT_EQ(out.events.events()[1].original, kNxlog);
}

TEST(Windows, WhatWeDeriveCannotComeFromTheInput) {
  const One one(R"({"EventID":7,"event_type":"login","type":"login","user":"root","success":true,"exe":"x","id":"1",
    "received_time":"2","Nested":{"source":"s"},"event_time":3})");
  EXPECT_EQ(one.text(FieldId::event_type), "winsec");
  for (const FieldId field : {FieldId::type, FieldId::user, FieldId::success, FieldId::exe}) {
    EXPECT_EQ(one.event.find(field), nullptr);
  }
  EXPECT_EQ(one.at("original_user"), "root");
  EXPECT_EQ(one.at("original_id"), "1");
  EXPECT_EQ(one.at("original_event_time"), "3");
}

TEST(Windows, BadInputIsNamedAndTheRestStored) {
  const std::string good(kNxlog);
  const std::string huge = R"({"EventID":1,"pad":")" + std::string(sources::kMaxLineBytes, 'x') + "\"}";
  const sources::Decoded out =
      decode(good + "\n{\"Event\":{\"System\":{}}}\n{\"EventID\":\"many\"}\n{\"EventID\":1,}\n" + huge + "\n" + good +
             "\n{\"EventID\":1,\"Event\":" + std::string(70, '[') + std::string(70, ']') + "}\n{\"EventID\":1");
  EXPECT_EQ(out.events.size(), 2U);
  ASSERT_EQ(out.rejected.size(), 6U);
  EXPECT_NE(out.rejected[0].error.find("expected a Windows event with an EventID at byte"), std::string::npos);
  EXPECT_NE(out.rejected[1].error.find("expected a Windows event with an EventID at byte"), std::string::npos);
  EXPECT_NE(out.rejected[2].error.find("expected a key in quotes"), std::string::npos);
  EXPECT_GT(out.rejected[3].size_bytes, sources::kMaxLineBytes);
  EXPECT_NE(out.rejected[4].error.find("nested deeper"), std::string::npos);
  EXPECT_NE(out.rejected[5].error.find("the input ends"), std::string::npos);
}

TEST(Windows, KeysThatOccurTwiceAreLists) {
  const One one(R"({"EventID":1,"EventID":2,"Hashes":"a","Hashes":"b"})");
  EXPECT_EQ(one.event.integer(FieldId::win_event_id), 1);
  EXPECT_EQ(one.event.attributes().size(), 2U);
}

TEST(Windows, Utf16IsNamed) {
  const sources::Decoded out = decode(std::string_view("\xFF\xFE{\0\"\0", 6));
  ASSERT_EQ(out.rejected.size(), 1U);
  EXPECT_EQ(out.rejected[0].error, "expected JSON in UTF-8; this looks like UTF-16 at byte 0");
  const sources::Decoded marked = decode("\xEF\xBB\xBF" + std::string(kNxlog));
  EXPECT_EQ(marked.events.size(), 1U);
}

}  // namespace
}  // namespace sightline::windows
