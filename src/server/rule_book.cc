#include "server/rule_book.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "detect/compiled_rules.h"
#include "detect/rule_collector.h"

namespace sightline::server {

namespace {

// So many rules compile in a fraction of a second.
constexpr std::size_t kManyRecent = 100;
constexpr std::chrono::seconds kLookInterval(5);

// Of which files there are, how long they are and when they were written.
Sha256Digest look_of(const std::vector<std::filesystem::path>& paths) {
  Sha256 hash;
  const auto files = detect::find_rule_files(paths);
  if (!files) return hash.update_framed(files.error().message).finish();
  for (const std::filesystem::path& file : *files) {
    std::error_code error;
    const auto written = std::filesystem::last_write_time(file, error).time_since_epoch().count();
    hash.update_framed(file.string())
        .update_u64(static_cast<std::uint64_t>(written))
        .update_u64(std::filesystem::file_size(file, error));
  }
  return hash.finish();
}

// Whether it is about a rule, or a file with rules, that loaded before.
bool breaks_a_rule(const detect::RuleProblem& problem, const detect::RuleSet& before) {
  if (!problem.rule_id.empty()) return before.find(problem.rule_id) != nullptr;
  return std::ranges::find(before.rules(), problem.file, &detect::Rule::file) != before.rules().end();
}

void log_problems(const detect::RuleSet& rules, Log& log) {
  for (const detect::RuleProblem& problem : rules.problems()) {
    log.error("rule refused", {{"file", problem.file},
                               {"line", problem.line},
                               {"column", problem.column},
                               {"rule_id", problem.rule_id},
                               {"reason", problem.message}});
  }
}

control::RuleVersion without_text(control::RuleVersion version) {
  version.text.reset();
  return version;
}

}  // namespace

RuleBook::RuleBook(RuleSources sources, control::RuleTable& rules, Log& log)
    : sources_(std::move(sources)), table_(rules), log_(log) {}

RuleBook::~RuleBook() = default;

Result<std::unique_ptr<RuleBook>> RuleBook::open(RuleSources sources, control::RuleTable& rules, Log& log) {
  std::unique_ptr<RuleBook> book(new RuleBook(std::move(sources), rules, log));
  if (auto loaded = book->reload(); !loaded) return std::unexpected(loaded.error());
  book->working_ = std::jthread([raw = book.get()](const std::stop_token& stop) { raw->work(stop); });
  return book;
}

void RuleBook::on_change(std::function<void(ActivePtr)> take) {
  const std::scoped_lock lock(mutex_);
  take_ = std::move(take);
}

RuleBook::ActivePtr RuleBook::rules() const {
  const std::scoped_lock lock(mutex_);
  return active_;
}

Result<void> RuleBook::reload() {
  const std::scoped_lock loading(loading_);
  const Sha256Digest look = look_of(sources_.paths);  // before they are read: a change meanwhile is seen later
  auto files = read_files();
  if (!files) return std::unexpected(files.error());
  loaded_ = last_look_ = look;
  return take_files(std::move(*files));
}

Result<RuleBook::RuleSetPtr> RuleBook::read_files() const {
  return detect::load_rule_files(sources_.paths, sources_.options);
}

// With loading_ held.
Result<void> RuleBook::take_files(RuleSetPtr files) {
  auto current = table_.current();
  if (!current) return std::unexpected(current.error());
  auto disabled = table_.disabled();
  if (!disabled) return std::unexpected(disabled.error());
  Versions kept;
  for (control::RuleVersion& version : *current) kept.emplace(version.rule_id, std::move(version));
  RuleSetPtr settled = compile(kept, *files);
  log_problems(*files, log_);
  log_problems(*settled, log_);
  log_.info("rules loaded", {{"rules", files->rules().size() + settled->rules().size()},
                             {"refused", files->problems().size() + settled->problems().size()}});

  const std::scoped_lock lock(mutex_);
  files_ = std::move(files);
  settled_ = std::move(settled);
  not_taken_.reset();
  settled_versions_.clear();
  for (const auto& [id, version] : kept) settled_versions_.emplace(id, version.version);
  detect::RuleIds all;
  if (active_ == nullptr) {  // later what is kept is known, and may have changed since it was read
    kept_ = std::move(kept);
    disabled_ = std::move(*disabled);
  } else {
    for (const auto& entry : active_->rules()) all.insert(entry.rule->id);
  }
  install(compile_recent(kept_), all);
  return {};
}

void RuleBook::look_at_files() {
  const std::scoped_lock loading(loading_);
  const Sha256Digest look = look_of(sources_.paths);
  const bool stays = std::exchange(last_look_, look) == look;
  if (look == loaded_ || !stays) return;
  loaded_ = look;  // whatever comes of it: once is enough
  if (auto taken = take_changed_files(); !taken) {
    log_.error("rule files changed and were not taken", {{"reason", taken.error().message}});
  }
}

Result<void> RuleBook::take_changed_files() {
  auto files = read_files();
  if (!files) return std::unexpected(files.error());
  const RuleSetPtr before = rule_files();
  for (const detect::RuleProblem& problem : (*files)->problems()) {
    if (!breaks_a_rule(problem, *before)) continue;
    const std::scoped_lock lock(mutex_);
    not_taken_ = *files;
    return fail(ErrorCode::invalid_input, to_string(problem));
  }
  return take_files(std::move(*files));
}

RuleBook::RuleSetPtr RuleBook::rule_files() const {
  const std::scoped_lock lock(mutex_);
  return files_;
}

RuleBook::RuleSetPtr RuleBook::not_taken() const {
  const std::scoped_lock lock(mutex_);
  return not_taken_;
}

detect::LoadOptions RuleBook::options_over(const detect::RuleSet& files) const {
  const detect::CompiledRules& below = files.compiled();
  return {.catalog = sources_.options.catalog,
          .sigma_mapping = &below.mapping,
          .placeholders = below.placeholders,
          .filters = below.filters,
          .rulesets = below.rulesets};
}

RuleBook::RuleSetPtr RuleBook::compile(const Versions& versions, const detect::RuleSet& files) const {
  std::vector<detect::RuleText> texts;
  for (const auto& [id, version] : versions) texts.push_back({fmt::format("api:{}", id), *version.text});
  return detect::load_rules(texts, options_over(files));
}

// Those that changed since all were compiled.
RuleBook::RuleSetPtr RuleBook::compile_recent(const Versions& kept) const {
  Versions recent;
  for (const auto& [id, version] : kept) {
    const auto settled = settled_versions_.find(id);
    if (settled == settled_versions_.end() || settled->second != version.version) recent.emplace(id, version);
  }
  return compile(recent, *files_);
}

void RuleBook::install(RuleSetPtr recent, const detect::RuleIds& released) {
  detect::RuleIds outdated;
  for (const auto& [id, version] : settled_versions_) {
    const auto now = kept_.find(id);
    if (now == kept_.end() || now->second.version != version) outdated.insert(id);
  }
  recent_count_ = recent->rules().size() + outdated.size();
  active_ = std::make_shared<const detect::ActiveRules>(
      std::vector<detect::RuleLayer>{{files_}, {settled_, std::move(outdated)}, {std::move(recent)}}, disabled_,
      active_.get(), released);
  if (take_) take_(active_);
  if (recent_count_ > kManyRecent) many_recent_.notify_one();
}

// Compiles all kept rules as one set.
void RuleBook::settle() {
  const std::scoped_lock loading(loading_);
  Versions kept;
  RuleSetPtr files;
  {
    const std::scoped_lock lock(mutex_);
    kept = kept_;
    files = files_;
  }
  RuleSetPtr settled = compile(kept, *files);
  const std::scoped_lock lock(mutex_);
  settled_ = std::move(settled);
  settled_versions_.clear();
  for (const auto& [id, version] : kept) settled_versions_.emplace(id, version.version);
  install(compile_recent(kept_), {});
}

void RuleBook::work(const std::stop_token& stop) {
  const auto many_recent = [&] { return recent_count_ > kManyRecent; };
  while (!stop.stop_requested()) {
    bool many = false;
    {
      std::unique_lock lock(mutex_);
      many = many_recent_.wait_for(lock, stop, kLookInterval, many_recent);
    }
    if (stop.stop_requested()) return;
    if (many) {
      settle();
    } else if (sources_.watch) {
      look_at_files();
    }
  }
}

RuleBook::RuleSetPtr RuleBook::check(std::string text) const { return compile_text(std::move(text), *rule_files()); }

RuleBook::RuleSetPtr RuleBook::compile_text(std::string text, const detect::RuleSet& files) const {
  const detect::RuleText one{"text", std::move(text)};
  return detect::load_rules(std::span(&one, 1), options_over(files));
}

Result<void> RuleBook::check_expected(const RuleChange& change) const {
  const auto now = kept_.find(change.id);
  const std::uint64_t version = now == kept_.end() ? 0 : now->second.version;
  if (!change.expected || *change.expected == version) return {};
  return fail(ErrorCode::conflict, version == 0 ? fmt::format("no rule {} is kept here", change.id)
                                                : fmt::format("rule {} has version {} by now", change.id, version));
}

Result<control::RuleVersion> RuleBook::put(const RuleChange& change, const control::ChangeOrigin& origin) {
  const std::scoped_lock lock(mutex_);
  return store(change, origin, "rule.put", "");
}

Result<control::RuleVersion> RuleBook::restore(std::string_view id, std::uint64_t version,
                                               const control::ChangeOrigin& origin) {
  auto before = table_.version(id, version);
  if (!before) return before;
  if (!before->text)
    return fail(ErrorCode::not_found, fmt::format("version {} of rule {} is its removal", version, id));
  const std::scoped_lock lock(mutex_);
  // What stood over a file's rule may do so again.
  return store({std::string(id), *before->text, std::nullopt, true}, origin, "rule.restore",
               fmt::format("from version {}; ", version));
}

Result<control::RuleVersion> RuleBook::store(const RuleChange& change, const control::ChangeOrigin& origin,
                                             std::string_view action, std::string_view why) {
  if (change.text.size() > kMaxRuleTextBytes) {
    return fail(ErrorCode::too_large, fmt::format("a rule has {} bytes at most", kMaxRuleTextBytes));
  }
  if (auto expected = check_expected(change); !expected) return std::unexpected(expected.error());
  const auto now = kept_.find(change.id);
  const detect::Rule* in_file = files_->find(change.id);
  if (now == kept_.end() && in_file != nullptr && !change.override_file) {
    return fail(ErrorCode::conflict,
                fmt::format("the rule stands in {}:{}: change it there, or let this one override it", in_file->file,
                            in_file->line));
  }
  if (now != kept_.end() && now->second.text == change.text) return without_text(now->second);

  // Compiled before it is stored, so that nothing is stored that does not load.
  const RuleSetPtr alone = compile_text(change.text, *files_);
  if (!alone->problems().empty()) return fail(ErrorCode::invalid_input, to_string(alone->problems().front()));
  const detect::CompiledRules& read = alone->compiled();
  if (read.rules.size() != 1 || read.rules.front().id != change.id || !read.filters.empty() || !read.rulesets.empty()) {
    return fail(ErrorCode::invalid_input,
                fmt::format("expected one rule, with the id {}, and neither filters nor rulesets", change.id));
  }
  Versions kept = kept_;
  control::RuleVersion& mine = kept[change.id];
  mine.text = change.text;
  mine.version = UINT64_MAX;  // none that is settled
  RuleSetPtr recent = compile_recent(kept);
  auto stored = table_.put(change.id, change.text, alone->rules().front().fingerprint, origin, action, why);
  if (!stored) return stored;
  kept_[change.id] = *stored;
  install(std::move(recent), {change.id});
  return without_text(std::move(*stored));
}

Result<void> RuleBook::remove(const RuleChange& change, const control::ChangeOrigin& origin) {
  const std::scoped_lock lock(mutex_);
  if (const detect::Rule* in_file = files_->find(change.id); in_file != nullptr && !kept_.contains(change.id)) {
    return fail(ErrorCode::conflict,
                fmt::format("the rule stands in {}:{}: remove it there, or disable it", in_file->file, in_file->line));
  }
  if (auto expected = check_expected(change); !expected) return expected;
  if (auto removed = table_.remove(change.id, origin); !removed) return removed;
  kept_.erase(change.id);
  disabled_.erase(change.id);
  install(compile_recent(kept_), {change.id});
  return {};
}

Result<void> RuleBook::set_enabled(std::string_view id, bool enabled, const control::ChangeOrigin& origin) {
  const std::scoped_lock lock(mutex_);
  const auto* entry = active_->find(id);
  if (entry == nullptr) return fail(ErrorCode::not_found, fmt::format("no rule has the id {}", id));
  if (enabled && !entry->rule->inactive_reason.empty()) {
    return fail(ErrorCode::conflict,
                fmt::format("rule {} is inactive by its text: {}", id, entry->rule->inactive_reason));
  }
  if (auto changed = table_.set_enabled(id, enabled, origin); !changed) return changed;
  if (enabled) {
    disabled_.erase(std::string(id));
  } else {
    disabled_.insert(std::string(id));
  }
  detect::RuleIds released;
  if (enabled) released.insert(std::string(id));
  install(active_->layers().back().rules, released);
  return {};
}

std::optional<control::RuleVersion> RuleBook::kept(std::string_view id) const {
  const std::scoped_lock lock(mutex_);
  const auto found = kept_.find(id);
  if (found == kept_.end()) return std::nullopt;
  const control::RuleVersion& newest = found->second;
  return control::RuleVersion{newest.rule_id, newest.version, newest.at_ms, newest.principal, {}, newest.fingerprint};
}

}  // namespace sightline::server
