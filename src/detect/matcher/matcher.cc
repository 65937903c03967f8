#include "detect/matcher/matcher.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include "detect/matcher/lowering.h"
#include "detect/matcher/program.h"
#include "detect/matcher/program_run.h"
#include "detect/matcher/scope.h"

namespace sightline::detect {
namespace {

using Windows = Scope::Windows;

constexpr std::size_t kMaxTypes = 8;  // a rule about more types than this is kept for all
// Types with programs of their own. Each has a copy of the rules for all types.
constexpr std::size_t kMaxPrograms = 32;

// The programs of one event type, each with all rules that can fire on such an event: it passes through one.
constexpr std::uint32_t kNoProgram = UINT32_MAX;
struct Programs {
  std::uint32_t windows = kNoProgram;
  std::uint32_t others = kNoProgram;
};

// Of which of Scope::Windows the event is, beside `either`. Sources that know win_event_id leave no attribute with
// another name of it; NDJSON of one's own may.
struct Kinds {
  bool windows = false;
  bool others = false;
};
Kinds kinds_of(const Event& event, const PathTable& windows_paths) {
  if (event.find(FieldId::win_event_id) != nullptr) return {true, false};
  const bool named = std::ranges::any_of(
      event.attributes(), [&](const Attribute& each) { return windows_paths.find(each.path).has_value(); });
  return {named, true};
}

PathTable make_windows_paths() {
  PathTable paths;
  for (const AliasInfo& alias : all_aliases()) {
    if (is_windows_path(alias.name)) paths.add(std::string(alias.name));
  }
  return paths;
}

struct Hash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};

}  // namespace

struct Matcher::Compiled {
  std::vector<Program> programs;
  std::unordered_map<std::string, Programs, Hash, std::equal_to<>> of_type;
  Programs of_other_types;
  PathTable paths;
  PathTable windows_paths = make_windows_paths();  // other names of win_event_id
  std::uint32_t numbers = 0;                       // of tables and residuals
};

struct Matcher::Session::State {
  explicit State(const Compiled& compiled) : shared(compiled.numbers) {
    runs.resize(compiled.programs.size());
    last_event.resize(compiled.programs.size(), 0);
  }

  SharedScratch shared;
  std::vector<std::unique_ptr<ProgramRun>> runs;  // by program; made when needed
  std::vector<std::uint64_t> last_event;          // by program: the event it was last run on
  std::uint64_t event = 0;
  std::vector<KnownAttribute> known;  // of the event
};

Matcher::Matcher() : compiled_(std::make_unique<const Compiled>()) {}
Matcher::~Matcher() = default;
Matcher::Matcher(Matcher&&) noexcept = default;
Matcher& Matcher::operator=(Matcher&&) noexcept = default;

Matcher::Session::Session(const Matcher& matcher) : state_(std::make_unique<State>(*matcher.compiled_)) {}
Matcher::Session::~Session() = default;
Matcher::Session::Session(Session&&) noexcept = default;
Matcher::Session& Matcher::Session::operator=(Session&&) noexcept = default;

std::size_t Matcher::Session::rules_tried() const {
  std::size_t sum = 0;
  for (const auto& run : state_->runs) sum += run == nullptr ? 0 : run->tried();
  return sum;
}

void Matcher::match(const Event& event, Session& session, std::vector<std::uint32_t>& fired) const {
  MatchTrace trace;
  match(event, session, fired, trace);
}

void Matcher::match(const Event& event, Session& session, std::vector<std::uint32_t>& fired, MatchTrace& trace) const {
  if (compiled_->programs.empty()) return;
  Session::State& state = *session.state_;
  ++state.event;
  state.known.clear();
  for (const Attribute& attribute : event.attributes()) {
    if (const auto path = compiled_->paths.find(attribute.path)) state.known.push_back({&attribute, *path});
  }
  const auto begin = static_cast<std::ptrdiff_t>(fired.size());
  const Kinds kinds = kinds_of(event, compiled_->windows_paths);
  const auto run = [&](std::uint32_t program) {
    if (program == kNoProgram || state.last_event[program] == state.event) return;
    state.last_event[program] = state.event;
    std::unique_ptr<ProgramRun>& place = state.runs[program];
    if (place == nullptr) place = std::make_unique<ProgramRun>(compiled_->programs[program], state.shared);
    place->match(event, state.known, fired, trace);
  };
  const auto run_fitting = [&](const Programs& programs) {
    if (kinds.windows) run(programs.windows);
    if (kinds.others) run(programs.others);
  };
  bool has_type = false;
  for (const FieldValue& value : event.fields()) {
    if (value.field != FieldId::event_type) continue;
    has_type = true;
    const auto programs = compiled_->of_type.find(value.text);
    run_fitting(programs == compiled_->of_type.end() ? compiled_->of_other_types : programs->second);
  }
  if (!has_type) run_fitting(compiled_->of_other_types);
  std::sort(fired.begin() + begin, fired.end());
  fired.erase(std::unique(fired.begin() + begin, fired.end()), fired.end());  // an event may have several types
}

struct Matcher::Builder::State {
  struct Rule {
    RuleCondition condition;  // of `graph`
    Scope scope;              // event_types: nullopt where they are too many
  };

  std::set<std::string> types_with_programs() const;
  // A program of the rules that `fits` takes; kNoProgram where there are none.
  template <class Fits>
  std::uint32_t compile(Windows windows, Compiled& compiled, const Fits& fits) const;

  GraphBuilder graph;
  std::vector<Rule> rules;
};

// Those that most rules name.
std::set<std::string> Matcher::Builder::State::types_with_programs() const {
  std::map<std::string, std::size_t> rules_of_type;
  for (const Rule& rule : rules) {
    if (!rule.scope.event_types) continue;
    for (const std::string& type : *rule.scope.event_types) ++rules_of_type[type];
  }
  std::vector<std::pair<std::size_t, std::string>> types;
  for (const auto& [type, count] : rules_of_type) types.emplace_back(count, type);
  std::ranges::sort(types, std::greater());
  if (types.size() > kMaxPrograms) types.resize(kMaxPrograms);
  std::set<std::string> names;
  for (auto& [count, type] : types) names.insert(std::move(type));
  return names;
}

template <class Fits>
std::uint32_t Matcher::Builder::State::compile(Windows windows, Compiled& compiled, const Fits& fits) const {
  GraphBuilder part;
  std::vector<RuleCondition> conditions;
  for (const auto& [condition, scope] : rules) {
    if (scope.windows != Windows::either && scope.windows != windows) continue;
    if (scope.event_types && !fits(*scope.event_types)) continue;
    const NodeRef root = part.copy(graph, condition.filter);
    part.add_root(root);
    conditions.push_back({condition.number, root, condition.suppressions});
  }
  if (conditions.empty()) return kNoProgram;
  compiled.programs.push_back(
      compile_program(std::move(part).finish(), std::move(conditions), compiled.paths, compiled.numbers));
  return static_cast<std::uint32_t>(compiled.programs.size() - 1);
}

Matcher::Builder::Builder() : state_(std::make_unique<State>()) {}
Matcher::Builder::~Builder() = default;

Result<void> Matcher::Builder::add(std::uint32_t number, const query::Expr& filter,
                                   std::vector<query::Predicate> suppressions) {
  const Result<NodeRef> root = lower(filter, state_->graph);
  if (!root) return std::unexpected(root.error());
  Scope scope = scope_of(filter);
  if (scope.event_types && scope.event_types->size() > kMaxTypes) scope.event_types.reset();
  state_->rules.push_back({{number, *root, std::move(suppressions)}, std::move(scope)});
  return {};
}

Matcher Matcher::Builder::build() && {
  auto compiled = std::make_unique<Compiled>();
  const auto compile = [&](const auto& fits) -> Programs {
    return {state_->compile(Windows::yes, *compiled, fits), state_->compile(Windows::no, *compiled, fits)};
  };
  const std::set<std::string> types = state_->types_with_programs();
  for (const std::string& type : types) {
    compiled->of_type.emplace(type, compile([&](const auto& named) { return named.contains(type); }));
  }
  compiled->of_other_types = compile([&](const auto& named) {
    return !std::ranges::all_of(named, [&](const std::string& type) { return types.contains(type); });
  });
  Matcher matcher;
  matcher.compiled_ = std::move(compiled);
  return matcher;
}

}  // namespace sightline::detect
