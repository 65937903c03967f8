// How fast events go through thousands of Sigma rules, and how that grows with the number of rules. Beside it: each
// rule by itself, and one scan of vectorscan for every text the rules look for, without any of their logic.
//
//   sigma_bench RULES…      folders and files of rules, such as SigmaHQ's and our own
#include <fmt/format.h>
#include <hs.h>

#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>
#include <set>
#include <sstream>

#include "detect/compiled_rules.h"
#include "detect/rule_collector.h"
#include "detect/rule_filter.h"
#include "detect/rule_loader.h"
#include "replay/replay.h"
#include "sources/formats/formats.h"

namespace {

using namespace sightline;

constexpr std::size_t kEvents = 40'000;
constexpr std::size_t kNaiveEvents = 400;
constexpr std::int64_t kEndMs = 1'732'406'400'000;

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

EventBatch decode(sources::Format format, const std::string& bytes) {
  sources::Decoded decoded;
  const auto decoder = sources::make_decoder(format, {});
  decoder->write(bytes, decoded);
  decoder->finish(decoded);
  return std::move(decoded.events);
}

template <class Write>
std::string generated(const Write& write) {
  const auto path = std::filesystem::temp_directory_path() / fmt::format("sightline-sigma-bench-{}", ::time(nullptr));
  auto out = replay::OutputFile::open(path, false);
  write(*out);
  if (!out->close()) std::abort();
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  std::filesystem::remove(path);
  return text.str();
}

// Sysmon's starts of processes of an office machine: a few programs and users, command lines hardly ever the same.
std::string windows_starts(std::size_t count) {
  constexpr std::array<std::string_view, 16> kPrograms{
      R"(C:\\Windows\\System32\\svchost.exe)",
      R"(C:\\Windows\\System32\\conhost.exe)",
      R"(C:\\Windows\\System32\\backgroundTaskHost.exe)",
      R"(C:\\Windows\\System32\\RuntimeBroker.exe)",
      R"(C:\\Windows\\System32\\dllhost.exe)",
      R"(C:\\Windows\\System32\\taskhostw.exe)",
      R"(C:\\Windows\\System32\\cmd.exe)",
      R"(C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe)",
      R"(C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe)",
      R"(C:\\Windows\\System32\\reg.exe)",
      R"(C:\\Program Files\\Microsoft Office\\root\\Office16\\OUTLOOK.EXE)",
      R"(C:\\Windows\\System32\\wbem\\WmiPrvSE.exe)",
      R"(C:\\Program Files\\Git\\cmd\\git.exe)",
      R"(C:\\Windows\\System32\\schtasks.exe)",
      R"(C:\\Windows\\System32\\msiexec.exe)",
      R"(C:\\Users\\anna\\AppData\\Local\\Programs\\Python\\python.exe)"};
  constexpr std::array<std::string_view, 8> kArguments{"-k netsvcs -p -s Schedule --id={}",
                                                       "/c copy C:\\\\Temp\\\\{}.log D:\\\\backup",
                                                       "--type=renderer --field-trial-handle={}",
                                                       "-NoProfile -File C:\\\\Scripts\\\\inventory{}.ps1",
                                                       "query HKLM\\\\SOFTWARE\\\\Vendor\\\\{}",
                                                       "fetch origin refs/heads/{}",
                                                       "/Processid:{{{}}}",
                                                       "-Embedding {}"};
  std::mt19937 random(1);
  std::string out;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string_view program = kPrograms[random() % kPrograms.size()];
    const std::string arguments = fmt::format(fmt::runtime(kArguments[random() % kArguments.size()]), random());
    const std::string_view name = program.substr(program.rfind('\\') + 1);
    out += fmt::format(
        R"({{"Event":{{"System":{{"Provider":{{"#attributes":{{"Name":"Microsoft-Windows-Sysmon"}}}},"EventID":1,)"
        R"("TimeCreated":{{"#attributes":{{"SystemTime":"2025-10-25T13:21:33.116889Z"}}}},"EventRecordID":{},)"
        R"("Channel":"Microsoft-Windows-Sysmon/Operational","Computer":"pc-{}.example.com"}},"EventData":{{)"
        R"("UtcTime":"2025-10-25 13:21:33.111","ProcessGuid":"{:08X}-CEDD-68FC-1B30-{:012}","ProcessId":{},"Image":"{}",)"
        R"("FileVersion":"10.0.20348.1","Description":"A program","Product":"Microsoft Windows Operating System",)"
        R"("Company":"Microsoft Corporation","OriginalFileName":"{}","CommandLine":"\"{}\" {}",)"
        R"("CurrentDirectory":"C:\\Windows\\system32\\","User":"EXAMPLE\\user{}","IntegrityLevel":"Medium",)"
        R"("Hashes":"MD5={:032x},SHA256={:064x}","ParentProcessId":{},"ParentImage":"{}",)"
        R"("ParentCommandLine":"{} -x {}","ParentUser":"EXAMPLE\\user{}"}}}}}})"
        "\n",
        i, random() % 50, random(), i, random() % 60'000, program, name, program, arguments, random() % 40, random(),
        random(), random() % 60'000, kPrograms[random() % kPrograms.size()], kPrograms[random() % kPrograms.size()],
        random() % 500, random() % 40);
  }
  return out;
}

struct Input {
  std::string name;
  std::vector<EventBatch> batches;
  std::size_t events() const {
    std::size_t count = 0;
    for (const EventBatch& batch : batches) count += batch.size();
    return count;
  }
};

std::vector<Input> make_inputs() {
  std::vector<Input> inputs(2);
  inputs[0].name = "Windows process starts";
  inputs[0].batches.push_back(decode(sources::Format::winevent, windows_starts(kEvents)));
  inputs[1].name = "audit and CloudTrail";
  const replay::BulkOptions options{.seed = 1, .events = kEvents / 2, .end_ms = kEndMs};
  inputs[1].batches.push_back(
      decode(sources::Format::auditd, generated([&](auto& out) { replay::write_audit(options, out); })));
  inputs[1].batches.push_back(
      decode(sources::Format::cloudtrail, generated([&](auto& out) { replay::write_cloudtrail(options, out); })));
  return inputs;
}

// Every rule's document, one out of `step`.
std::shared_ptr<const detect::RuleSet> load(const std::vector<std::filesystem::path>& files, std::size_t count,
                                            double& seconds) {
  std::vector<std::filesystem::path> some;
  for (std::size_t i = 0; i < count; ++i) some.push_back(files[i * files.size() / count]);
  const double begin = cpu_seconds();
  auto rules = detect::load_rule_files(some, {});
  seconds = cpu_seconds() - begin;
  if (!rules) std::abort();
  return *rules;
}

double events_per_second(const detect::Detector& detector, const Input& input, std::size_t& firings) {
  double best = 0;
  for (int run = 0; run < 3; ++run) {
    firings = 0;
    const double begin = cpu_seconds();
    for (const EventBatch& batch : input.batches) firings += detector.detect(batch, 0).firings.size();
    best = std::max(best, static_cast<double>(input.events()) / (cpu_seconds() - begin));
  }
  return best;
}

double naive_events_per_second(const detect::RuleSet& rules, const Input& input) {
  std::size_t events = 0;
  std::size_t fired = 0;
  const double begin = cpu_seconds();
  for (const EventBatch& batch : input.batches) {
    for (std::size_t i = 0; i < std::min(batch.size(), kNaiveEvents); ++i, ++events) {
      for (std::size_t rule = 0; rule < rules.rules().size(); ++rule) {
        if (!rules.rules()[rule].inactive_reason.empty()) continue;
        if (rules.compiled().compiled[rule].fires(batch.events()[i])) ++fired;
      }
    }
  }
  return static_cast<double>(events + (fired == SIZE_MAX ? 1 : 0)) / (cpu_seconds() - begin);
}

void collect_texts(const query::Expr& expr, std::set<std::string>& texts) {
  if (const auto* both = std::get_if<query::And>(&expr.node)) {
    for (const query::Expr& operand : both->operands) collect_texts(operand, texts);
  } else if (const auto* either = std::get_if<query::Or>(&expr.node)) {
    for (const query::Expr& operand : either->operands) collect_texts(operand, texts);
  } else if (const auto* negation = std::get_if<query::Not>(&expr.node)) {
    collect_texts(*negation->operand, texts);
  } else if (const auto* comparison = std::get_if<query::Comparison>(&expr.node)) {
    if (comparison->comparator > query::Comparator::ends_with) return;
    for (const query::Literal& operand : comparison->operands) {
      if (!operand.text.empty() && !operand.text.contains('\0')) texts.insert(operand.text);
    }
  }
}

double vectorscan_events_per_second(const detect::RuleSet& rules, const Input& input, std::size_t& literals) {
  std::set<std::string> texts;
  for (const detect::Rule& rule : rules.rules()) {
    const auto filter = detect::read_filter(rule.filter);
    if (rule.inactive_reason.empty() && filter) collect_texts(*filter, texts);
  }
  std::vector<const char*> patterns;
  std::vector<std::size_t> sizes;
  for (const std::string& text : texts) patterns.push_back(text.c_str()), sizes.push_back(text.size());
  literals = patterns.size();
  const std::vector<unsigned> flags(patterns.size(), HS_FLAG_CASELESS);
  std::vector<unsigned> ids(patterns.size());
  for (unsigned i = 0; i < ids.size(); ++i) ids[i] = i;
  hs_database_t* database = nullptr;
  hs_compile_error_t* error = nullptr;
  const auto count = static_cast<unsigned>(patterns.size());
  if (hs_compile_lit_multi(patterns.data(), flags.data(), ids.data(), sizes.data(), count, HS_MODE_BLOCK, nullptr,
                           &database, &error) != HS_SUCCESS) {
    return 0;
  }
  hs_scratch_t* scratch = nullptr;
  hs_alloc_scratch(database, &scratch);
  std::size_t hits = 0;
  const auto on_hit = [](unsigned, unsigned long long, unsigned long long, unsigned, void* sum) {
    ++*static_cast<std::size_t*>(sum);
    return 0;
  };
  const double begin = cpu_seconds();
  for (const EventBatch& batch : input.batches) {
    for (const Event& event : batch.events()) {
      const auto scan = [&](std::string_view text) {
        if (!text.empty())
          hs_scan(database, text.data(), static_cast<unsigned>(text.size()), 0, scratch, on_hit, &hits);
      };
      for (const FieldValue& value : event.fields()) scan(value.text);
      for (const Attribute& attribute : event.attributes()) scan(attribute.text);
    }
  }
  const double rate = static_cast<double>(input.events()) / (cpu_seconds() - begin);
  hs_free_scratch(scratch);
  hs_free_database(database);
  return rate;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: sigma_bench RULES…\n";
    return 2;
  }
  const std::vector<std::filesystem::path> paths(argv + 1, argv + argc);
  const auto files = detect::find_rule_files(paths);
  if (!files) {
    std::cerr << files.error().message << '\n';
    return 3;
  }
  const std::vector<Input> inputs = make_inputs();
  std::cout << "| rules | load s |";
  for (const Input& input : inputs)
    std::cout << " " << input.name << ", events/s | one by one | vectorscan, texts only | firings |";
  std::cout << "\n|---|---|---|---|---|---|---|---|---|---|\n";
  for (const std::size_t count : {std::size_t{100}, std::size_t{375}, std::size_t{1'000}, files->size()}) {
    if (count > files->size()) continue;
    double load_seconds = 0;
    const auto rules = load(*files, count, load_seconds);
    const detect::Detector detector(rules);
    std::cout << fmt::format("| {} | {:.2f} |", count, load_seconds);
    for (const Input& input : inputs) {
      std::size_t firings = 0;
      std::size_t literals = 0;
      const double rate = events_per_second(detector, input, firings);
      const double scan = vectorscan_events_per_second(*rules, input, literals);
      std::cout << fmt::format(" {:.0f}k | {:.2f}k | {:.0f}k ({} texts) | {} |", rate / 1e3,
                               naive_events_per_second(*rules, input) / 1e3, scan / 1e3, literals, firings);
    }
    std::cout << std::endl;
  }
}
