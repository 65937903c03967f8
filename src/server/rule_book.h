// All rules of a server: those in files, and those kept through the API, which are laid over them.
//
// The rules in force are layers (detect/active_rules.h), so that a change of one rule is in force in a moment, however
// many there are: the files; the kept rules as of a while ago; and those of them that changed since, which alone are
// compiled when a rule changes. Once these are many, all kept rules are compiled anew in the background.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/hash.h"
#include "base/log.h"
#include "control/rule_table.h"
#include "detect/active_rules.h"
#include "detect/rule_loader.h"

namespace sightline::server {

inline constexpr std::size_t kMaxRuleTextBytes = 1ULL << 20U;

// What a change of one rule is based on.
struct RuleChange {
  std::string id;
  std::string text;                            // of put()
  std::optional<std::uint64_t> expected = {};  // the newest version; 0: there must be none
  bool override_file = false;                  // a rule of that id in a file may stand back
};

struct RuleSources {
  std::vector<std::filesystem::path> paths;  // rule files and folders of them
  detect::LoadOptions options = {};          // what they name outlives the book
  bool watch = false;                        // look_at_files() every few seconds
};

// Thread-safe. A change is durable and given to on_change() when the function that makes it returns; a change that
// fails changes nothing. Errors beside those named: corrupt, unavailable.
class RuleBook {
 public:
  using RuleSetPtr = std::shared_ptr<const detect::RuleSet>;
  using ActivePtr = std::shared_ptr<const detect::ActiveRules>;

  // Loads all rules. `rules` and `log` outlive the book. Errors: as load_rule_files().
  static Result<std::unique_ptr<RuleBook>> open(RuleSources sources, control::RuleTable& rules, Log& log);
  ~RuleBook();

  // Called with what is in force from then on, one call at a time. Set once, before changes are made.
  void on_change(std::function<void(ActivePtr)> take);
  ActivePtr rules() const;

  // Reads the files again and compiles everything; what is set aside is tried again. Errors: as load_rule_files().
  Result<void> reload();

  // Takes the files where they differ from what was loaded, and did so alike at the last call: they are not being
  // written. Where one does not load that did, or the files cannot be read, all stays as it was until they change again
  // or somebody reloads; the log says so, and not_taken().
  void look_at_files();
  // What the last look found and did not take; null: nothing.
  RuleSetPtr not_taken() const;

  // What the text would be, beside Sigma's filters in the files: changes nothing.
  RuleSetPtr check(std::string text) const;

  // The text is one rule with that id; it is tried even if it was set aside. The same text again changes nothing.
  // Errors: invalid_input (it does not load: check() says why); too_large; conflict (another version than the expected
  // one is there, or a file has the rule).
  Result<control::RuleVersion> put(const RuleChange& change, const control::ChangeOrigin& origin);
  // A version of before as the newest. Errors: as put(), and not_found.
  Result<control::RuleVersion> restore(std::string_view id, std::uint64_t version, const control::ChangeOrigin& origin);
  // Where a file has a rule of that id, that one is in force again. Errors: not_found; conflict (expected; only a file
  // has it).
  Result<void> remove(const RuleChange& change, const control::ChangeOrigin& origin);
  // Any rule; enabling tries one again that was set aside. Errors: not_found; conflict (its text says that it is off).
  Result<void> set_enabled(std::string_view id, bool enabled, const control::ChangeOrigin& origin);

  // Of a rule that is kept here; without its text. nullopt: it is not.
  std::optional<control::RuleVersion> kept(std::string_view id) const;

 private:
  // By rule id.
  using Versions = std::map<std::string, control::RuleVersion, std::less<>>;

  RuleBook(RuleSources sources, control::RuleTable& rules, Log& log);
  RuleSetPtr rule_files() const;
  Result<RuleSetPtr> read_files() const;
  Result<void> take_files(RuleSetPtr files);
  Result<void> take_changed_files();
  RuleSetPtr compile(const Versions& versions, const detect::RuleSet& files) const;
  detect::LoadOptions options_over(const detect::RuleSet& files) const;
  RuleSetPtr compile_text(std::string text, const detect::RuleSet& files) const;
  RuleSetPtr compile_recent(const Versions& kept) const;
  Result<void> check_expected(const RuleChange& change) const;
  Result<control::RuleVersion> store(const RuleChange& change, const control::ChangeOrigin& origin,
                                     std::string_view action, std::string_view why);
  void install(RuleSetPtr recent, const detect::RuleIds& released);
  void settle();
  void work(const std::stop_token& stop);

  const RuleSources sources_;
  control::RuleTable& table_;
  Log& log_;

  std::mutex loading_;        // held while everything is compiled; taken before mutex_
  Sha256Digest loaded_{};     // what the files looked like when they were read; guarded by loading_
  Sha256Digest last_look_{};  // likewise
  mutable std::mutex mutex_;  // guards what follows
  RuleSetPtr files_;
  Versions kept_;
  detect::RuleIds disabled_;
  RuleSetPtr settled_;  // kept rules as of a while ago
  std::map<std::string, std::uint64_t, std::less<>> settled_versions_;
  ActivePtr active_;
  RuleSetPtr not_taken_;
  std::function<void(ActivePtr)> take_;
  std::size_t recent_count_ = 0;
  std::condition_variable_any many_recent_;
  std::jthread working_;  // last: it uses the others
};

}  // namespace sightline::server
