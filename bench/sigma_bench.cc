// How fast events go through thousands of Sigma rules, how that grows with the number of rules, and what it adds to
// decoding and storing. Beside it: each rule by itself, and one scan of vectorscan for every text the rules look for,
// without any of their logic.
//
//   sigma_bench [--quick EVENTS] RULES…      folders and files of rules, such as SigmaHQ's and our own
//
// --quick leaves out what is beside it, all numbers of rules but 375 and all, and all sets of events but that one:
// everyday, shuffled, mixed, made.
#include <fmt/format.h>
#include <hs.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <set>
#include <sstream>

#include "detect/compiled_rules.h"
#include "detect/rule_collector.h"
#include "detect/rule_filter.h"
#include "detect/rule_loader.h"
#include "detect/testing/rule_events.h"
#include "replay/replay.h"
#include "sources/formats/formats.h"
#include "windows_estate.h"

namespace {

using namespace sightline;

constexpr std::size_t kRounds = 4;  // each with other events; the first is for warming up
constexpr std::size_t kEvents = 30'000;
constexpr std::size_t kNaiveEvents = 200;
constexpr std::int64_t kEndMs = 1'732'406'400'000;
constexpr std::size_t kFew = 375;     // what all rules are compared with
constexpr double kStoreMicros = 7.3;  // what the store costs an event: docs/decisions/0044

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

struct Input {
  std::string name;
  std::vector<std::vector<EventBatch>> rounds;
  double decode_micros = 0;  // an event; 0: not decoded
};

std::size_t events_in(const std::vector<EventBatch>& batches) {
  std::size_t count = 0;
  for (const EventBatch& batch : batches) count += batch.size();
  return count;
}

EventBatch decode(sources::Format format, const std::string& bytes, double& seconds) {
  const double begin = cpu_seconds();
  sources::Decoded decoded;
  const auto decoder = sources::make_decoder(format, {});
  decoder->write(bytes, decoded);
  decoder->finish(decoded);
  seconds += cpu_seconds() - begin;
  if (decoded.events.size() == 0 || !decoded.rejected.empty()) std::abort();
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

// `make` appends a round's batches, given the round's number and where to add the seconds of decoding.
template <class Make>
Input make_input(std::string name, const Make& make) {
  Input input{std::move(name), {}, 0};
  double seconds = 0;
  std::size_t events = 0;
  for (std::size_t round = 0; round < kRounds; ++round) {
    make(round, input.rounds.emplace_back(), seconds);
    events += events_in(input.rounds.back());
  }
  input.decode_micros = seconds * 1e6 / static_cast<double>(events);
  return input;
}

Input windows(std::string name, bench::Estate estate) {
  return make_input(std::move(name), [&](std::size_t round, auto& batches, double& seconds) {
    const std::string lines = bench::windows_process_starts(estate, kEvents, round + 1);
    batches.push_back(decode(sources::Format::winevent, lines, seconds));
  });
}

Input mixed() {
  return make_input("audit and CloudTrail", [](std::size_t round, auto& batches, double& seconds) {
    const replay::BulkOptions options{.seed = round + 1, .events = kEvents / 2, .end_ms = kEndMs};
    batches.push_back(
        decode(sources::Format::auditd, generated([&](auto& out) { replay::write_audit(options, out); }), seconds));
    batches.push_back(decode(sources::Format::cloudtrail,
                             generated([&](auto& out) { replay::write_cloudtrail(options, out); }), seconds));
  });
}

Input made_of_rules(const detect::RuleSet& rules) {
  return make_input("made of what rules look for", [&](std::size_t round, auto& batches, double&) {
    detect::testing::RuleEvents maker(rules, static_cast<std::uint32_t>(round + 1));
    EventBatch& batch = batches.emplace_back();
    for (std::size_t i = 0; i < kEvents; ++i) maker.add(batch);
  });
}

// One rule file out of so many.
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

struct Speed {
  double micros = 0;  // an event
  double tried = 0;   // rules, an event
  double fired = 0;   // rules, an event
};

Speed match_all(const detect::RuleSet& rules, const Input& input) {
  const detect::Matcher& matcher = rules.compiled().matcher;
  detect::Matcher::Session session(matcher);
  std::vector<std::uint32_t> fired;
  Speed best{1e9, 0, 0};
  for (std::size_t round = 0; round < kRounds; ++round) {
    const auto& batches = input.rounds[round];
    const std::size_t tried_before = session.rules_tried();
    std::size_t firings = 0;
    const double begin = cpu_seconds();
    for (const EventBatch& batch : batches) {
      for (const Event& event : batch.events()) {
        fired.clear();
        matcher.match(event, session, fired);
        firings += fired.size();
      }
    }
    const auto events = static_cast<double>(events_in(batches));
    const double micros = (cpu_seconds() - begin) * 1e6 / events;
    if (round == 0 || micros >= best.micros) continue;
    best = {micros, static_cast<double>(session.rules_tried() - tried_before) / events,
            static_cast<double>(firings) / events};
  }
  return best;
}

double one_by_one_per_second(const detect::RuleSet& rules, const Input& input) {
  std::size_t events = 0;
  std::size_t fired = 0;
  const double begin = cpu_seconds();
  for (const EventBatch& batch : input.rounds.front()) {
    for (std::size_t i = 0; i < std::min(batch.size(), kNaiveEvents); ++i, ++events) {
      for (std::size_t rule = 0; rule < rules.rules().size(); ++rule) {
        if (!rules.rules()[rule].inactive_reason.empty()) continue;
        if (rules.compiled().compiled[rule].fires(batch.events()[i])) ++fired;
      }
    }
  }
  return static_cast<double>(events + (fired == SIZE_MAX ? 1 : 0)) / (cpu_seconds() - begin);
}

std::set<std::string> texts_of(const detect::RuleSet& rules) {
  std::vector<query::Comparison> comparisons;
  for (const detect::Rule& rule : rules.rules()) {
    const auto filter = detect::read_filter(rule.filter);
    if (rule.inactive_reason.empty() && filter) detect::testing::collect_comparisons(*filter, comparisons);
  }
  std::set<std::string> texts;
  for (const query::Comparison& comparison : comparisons) {
    if (comparison.comparator > query::Comparator::ends_with) continue;
    for (const query::Literal& operand : comparison.operands) {
      if (!operand.text.empty() && !operand.text.contains('\0')) texts.insert(operand.text);
    }
  }
  return texts;
}

double vectorscan_per_second(const std::set<std::string>& texts, const Input& input) {
  std::vector<const char*> patterns;
  std::vector<std::size_t> sizes;
  for (const std::string& text : texts) patterns.push_back(text.c_str()), sizes.push_back(text.size());
  const std::vector<unsigned> flags(patterns.size(), HS_FLAG_CASELESS);
  std::vector<unsigned> ids(patterns.size());
  for (unsigned i = 0; i < ids.size(); ++i) ids[i] = i;
  hs_database_t* database = nullptr;
  hs_compile_error_t* error = nullptr;
  const auto count = static_cast<unsigned>(patterns.size());
  if (hs_compile_lit_multi(patterns.data(), flags.data(), ids.data(), sizes.data(), count, HS_MODE_BLOCK, nullptr,
                           &database, &error) != HS_SUCCESS) {
    std::abort();
  }
  hs_scratch_t* scratch = nullptr;
  if (hs_alloc_scratch(database, &scratch) != HS_SUCCESS) std::abort();
  std::size_t hits = 0;
  const auto on_hit = [](unsigned, unsigned long long, unsigned long long, unsigned, void* sum) {
    ++*static_cast<std::size_t*>(sum);
    return 0;
  };
  const auto scan = [&](std::string_view text) {
    if (!text.empty()) hs_scan(database, text.data(), static_cast<unsigned>(text.size()), 0, scratch, on_hit, &hits);
  };
  const double begin = cpu_seconds();
  for (const EventBatch& batch : input.rounds.front()) {
    for (const Event& event : batch.events()) {
      for (const FieldValue& value : event.fields()) scan(value.text);
      for (const Attribute& attribute : event.attributes()) scan(attribute.text);
    }
  }
  const double rate = static_cast<double>(events_in(input.rounds.front())) / (cpu_seconds() - begin);
  hs_free_scratch(scratch);
  hs_free_database(database);
  return rate;
}

struct Rules {
  std::size_t files = 0;
  double load_seconds = 0;
  std::shared_ptr<const detect::RuleSet> set;
  std::set<std::string> texts;
};

void print_header(const Input& input) {
  std::cout << fmt::format("\n### {} ({} events", input.name, kEvents);
  if (input.decode_micros > 0) std::cout << fmt::format(", decoding {:.1f} µs each", input.decode_micros);
  std::cout << ")\n\n| rule files | load s | events/s | µs | of 375 rules | on top of decoding | and storing "
               "| tried | fired | one by one, events/s | vectorscan, texts only |\n"
               "|---|---|---|---|---|---|---|---|---|---|---|\n";
}

void print_row(const Rules& rules, const Input& input, const Speed& speed, double micros_of_few, bool quick) {
  const auto percent = [&](double of) { return of == 0 ? "" : fmt::format("{:.0f} %", 100 * speed.micros / of); };
  const double decode = input.decode_micros;
  std::cout << fmt::format("| {} | {:.2f} | {:.0f}k | {:.2f} | {:.2f} | {} | {} | {:.1f} | {:.2f} |", rules.files,
                           rules.load_seconds, 1e3 / speed.micros, speed.micros, speed.micros / micros_of_few,
                           percent(decode), percent(decode == 0 ? 0 : decode + kStoreMicros), speed.tried, speed.fired);
  if (!quick) {
    std::cout << fmt::format(" {:.2f}k | {:.0f}k ({} texts) |", one_by_one_per_second(*rules.set, input) / 1e3,
                             vectorscan_per_second(rules.texts, input) / 1e3, rules.texts.size());
  }
  std::cout << std::endl;
}

void print_table(const std::vector<Rules>& rule_sets, const Input& input, bool quick) {
  print_header(input);
  const auto few = std::ranges::find(rule_sets, kFew, &Rules::files);
  const double micros_of_few = few == rule_sets.end() ? 0 : match_all(*few->set, input).micros;
  for (const Rules& rules : rule_sets) print_row(rules, input, match_all(*rules.set, input), micros_of_few, quick);
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::filesystem::path> paths(argv + 1, argv + argc);
  std::string only;
  if (paths.size() > 2 && paths.front() == "--quick") {
    only = paths[1].string();
    paths.erase(paths.begin(), paths.begin() + 2);
  }
  if (paths.empty()) {
    std::cerr << "usage: sigma_bench [--quick EVENTS] RULES…\n";
    return 2;
  }
  const auto files = detect::find_rule_files(paths);
  if (!files) {
    std::cerr << files.error().message << '\n';
    return 3;
  }
  std::vector<Rules> rule_sets;
  for (const std::size_t count : {std::size_t{100}, kFew, std::size_t{1'000}, files->size()}) {
    if (count > files->size() || (!only.empty() && count != kFew && count != files->size())) continue;
    Rules& rules = rule_sets.emplace_back();
    rules.files = count;
    rules.set = load(*files, count, rules.load_seconds);
    rules.texts = texts_of(*rules.set);
  }
  const auto measure = [&](std::string_view name, const auto& make) {
    if (only.empty() || only == name) print_table(rule_sets, make(), !only.empty());
  };
  measure("everyday", [] { return windows("Windows process starts, everyday", bench::Estate::everyday); });
  measure("shuffled", [] { return windows("Windows process starts, shuffled", bench::Estate::shuffled); });
  measure("mixed", mixed);
  measure("made", [&] { return made_of_rules(*rule_sets.back().set); });
}
