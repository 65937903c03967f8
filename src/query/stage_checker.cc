#include "query/stage_checker.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "query/name_distance.h"
#include "query/token_reader.h"

namespace sightline::query {
namespace {

using Checked = std::expected<void, Diagnostic>;

std::string_view keyword_of(const Stage& stage) {
  constexpr std::string_view kKeywords[] = {"count", "top", "histogram", "distinct", "fields", "sort", "limit"};
  return kKeywords[stage.node.index()];
}

bool is_aggregate(const Stage& stage) {
  return std::holds_alternative<CountStage>(stage.node) || std::holds_alternative<TopStage>(stage.node) ||
         std::holds_alternative<HistogramStage>(stage.node) || std::holds_alternative<DistinctStage>(stage.node);
}

class StageChecker {
 public:
  StageChecker(std::vector<Stage>& stages, const NameResolver& resolver) : stages_(stages), resolver_(resolver) {}

  Checked run() {
    for (std::size_t i = 0; i < stages_.size(); ++i) {
      if (Checked checked = place(i); !checked) return checked;
      if (Checked checked = std::visit([&](auto& node) { return names(node); }, stages_[i].node); !checked) {
        return checked;
      }
    }
    return {};
  }

 private:
  // Whether this pipe may stand here, after those before it.
  Checked place(std::size_t index) const {
    const Stage& stage = stages_[index];
    const std::string_view keyword = keyword_of(stage);
    if (index == 0) return {};
    if (is_aggregate(stage)) {
      const bool second = is_aggregate(stages_.front());
      return mistake(stage.span, fmt::format("{} must be the first pipe", keyword), "",
                     second ? "one of count, top, histogram and distinct is enough"
                            : "it looks at all events of the expression; sort and limit may follow it");
    }
    for (std::size_t i = 0; i < index; ++i) {
      if (keyword_of(stages_[i]) == keyword) return mistake(stage.span, fmt::format("{} twice", keyword));
    }
    if (std::holds_alternative<LimitStage>(stages_[index - 1].node)) {
      return mistake(stage.span, fmt::format("{} after limit", keyword), "", "limit stands last");
    }
    if (is_aggregate(stages_.front()) && std::holds_alternative<FieldsStage>(stage.node)) {
      return mistake(stage.span, fmt::format("fields after {}", keyword_of(stages_.front())), "sort or limit",
                     "its table has the columns it needs");
    }
    return {};
  }

  Checked resolve_all(std::vector<FieldRef>& fields) const {
    std::set<std::string_view> seen;
    for (FieldRef& field : fields) {
      if (Checked checked = resolver_.resolve(field); !checked) return checked;
      if (!seen.insert(field.name).second) return mistake(field.span, fmt::format("{} twice", excerpt(field.name)));
    }
    return {};
  }

  Checked names(CountStage& stage) {
    for (const FieldRef& field : stage.by) columns_.push_back(field.name);
    columns_.emplace_back("count");
    return resolve_all(stage.by);
  }
  Checked names(TopStage& stage) {
    columns_ = {stage.field.name, "count"};
    return resolver_.resolve(stage.field);
  }
  Checked names(HistogramStage& stage) {
    columns_.emplace_back("time");
    if (stage.by) columns_.push_back(stage.by->name);
    columns_.emplace_back("count");
    return stage.by ? resolver_.resolve(*stage.by) : Checked{};
  }
  Checked names(DistinctStage& stage) {
    columns_ = {stage.field.name};
    return resolver_.resolve(stage.field);
  }
  Checked names(FieldsStage& stage) { return resolve_all(stage.fields); }
  static Checked names(LimitStage& /*stage*/) { return {}; }

  Checked names(SortStage& stage) {
    if (columns_.empty()) return resolver_.resolve_to_sort(stage.field);
    stage.field.targets.clear();
    if (std::ranges::find(columns_, stage.field.name) != columns_.end()) return {};
    return mistake(
        stage.field.span,
        fmt::format("the table of {} has no column {}", keyword_of(stages_.front()), excerpt(stage.field.name)),
        fmt::format("{}", excerpt(join(columns_))));
  }

  static std::string join(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
  }

  std::vector<Stage>& stages_;
  const NameResolver& resolver_;
  std::vector<std::string> columns_;  // of the aggregate's table; empty: there is none
};

}  // namespace

Checked check_stages(std::vector<Stage>& stages, const NameResolver& resolver) {
  return StageChecker(stages, resolver).run();
}

}  // namespace sightline::query
