// The pipes of a query. Their grammar stands in parser.cc.
#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "query/time_literal.h"
#include "query/token_reader.h"

namespace sightline::query {
namespace {

constexpr std::string_view kStages = "count, top, histogram, distinct, fields, sort or limit";
constexpr std::size_t kMaxStages = 16;

using Node = decltype(Stage::node);
using ParsedNode = std::expected<Node, Diagnostic>;

std::expected<std::vector<FieldRef>, Diagnostic> field_list(TokenReader& reader, std::size_t limit) {
  std::vector<FieldRef> fields;
  do {
    if (fields.size() == limit) {
      return mistake(reader.peek().span, fmt::format("more than {} fields", limit));
    }
    std::expected<FieldRef, Diagnostic> field = reader.field();
    if (!field) return std::unexpected(std::move(field.error()));
    fields.push_back(std::move(*field));
  } while (reader.accept(TokenKind::comma));
  return fields;
}

std::expected<std::uint32_t, Diagnostic> row_count(TokenReader& reader) {
  constexpr std::uint32_t kMaxRows = 10'000;
  const Token& token = reader.peek();
  const std::string_view text = reader.text_of(token);
  std::uint32_t count = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const bool is_number = token.kind == TokenKind::bare && stop == text.data() + text.size() && !text.empty();
  if (!is_number) return reader.unexpected("a number of rows", "for example: top 10 user, limit 100");
  if (error != std::errc() || count == 0 || count > kMaxRows) {
    return mistake(token.span, fmt::format("{} is not a number from 1 to {}", text, kMaxRows));
  }
  reader.take();
  return count;
}

ParsedNode count_stage(TokenReader& reader) {
  CountStage stage;
  if (reader.accept_keyword("by")) {
    std::expected<std::vector<FieldRef>, Diagnostic> by = field_list(reader, 8);
    if (!by) return std::unexpected(std::move(by.error()));
    stage.by = std::move(*by);
  }
  return stage;
}

ParsedNode top_stage(TokenReader& reader) {
  const std::expected<std::uint32_t, Diagnostic> limit = row_count(reader);
  if (!limit) return std::unexpected(limit.error());
  std::expected<FieldRef, Diagnostic> field = reader.field();
  if (!field) return std::unexpected(std::move(field.error()));
  return TopStage{*limit, std::move(*field)};
}

ParsedNode histogram_stage(TokenReader& reader) {
  HistogramStage stage;
  const Token& token = reader.peek();
  const std::optional<std::int64_t> bucket_ms =
      token.kind == TokenKind::bare ? parse_duration_ms(reader.text_of(token)) : std::nullopt;
  if (!bucket_ms)
    return reader.unexpected("the length of a bucket", "for example: histogram 5m; units are s, m, h, d, w");
  reader.take();
  stage.bucket_ms = *bucket_ms;
  if (reader.accept_keyword("by")) {
    std::expected<FieldRef, Diagnostic> by = reader.field();
    if (!by) return std::unexpected(std::move(by.error()));
    stage.by = std::move(*by);
  }
  return stage;
}

ParsedNode distinct_stage(TokenReader& reader) {
  std::expected<FieldRef, Diagnostic> field = reader.field();
  if (!field) return std::unexpected(std::move(field.error()));
  return DistinctStage{std::move(*field)};
}

ParsedNode fields_stage(TokenReader& reader) {
  std::expected<std::vector<FieldRef>, Diagnostic> fields = field_list(reader, 100);
  if (!fields) return std::unexpected(std::move(fields.error()));
  return FieldsStage{std::move(*fields)};
}

ParsedNode sort_stage(TokenReader& reader) {
  std::expected<FieldRef, Diagnostic> field = reader.field();
  if (!field) return std::unexpected(std::move(field.error()));
  const bool descending = reader.accept_keyword("desc");
  if (!descending) reader.accept_keyword("asc");
  return SortStage{std::move(*field), descending};
}

ParsedNode limit_stage(TokenReader& reader) {
  const std::expected<std::uint32_t, Diagnostic> limit = row_count(reader);
  if (!limit) return std::unexpected(limit.error());
  return LimitStage{*limit};
}

ParsedNode stage_node(TokenReader& reader) {
  if (reader.accept_keyword("count")) return count_stage(reader);
  if (reader.accept_keyword("top")) return top_stage(reader);
  if (reader.accept_keyword("histogram")) return histogram_stage(reader);
  if (reader.accept_keyword("distinct")) return distinct_stage(reader);
  if (reader.accept_keyword("fields")) return fields_stage(reader);
  if (reader.accept_keyword("sort")) return sort_stage(reader);
  if (reader.accept_keyword("limit")) return limit_stage(reader);
  if (reader.at(TokenKind::pipe)) return reader.unexpected(std::string(kStages), "between comparisons, write OR");
  if (reader.at_keyword("where") || reader.at_keyword("filter")) {
    return reader.unexpected(std::string(kStages), "conditions stand before the first |, joined with AND");
  }
  return reader.unexpected(std::string(kStages));
}

}  // namespace

std::expected<std::vector<Stage>, Diagnostic> parse_stages(TokenReader& reader) {
  std::vector<Stage> stages;
  while (reader.accept(TokenKind::pipe)) {
    const std::size_t begin = reader.peek().span.begin;
    if (stages.size() == kMaxStages) return mistake(reader.peek().span, fmt::format("more than {} pipes", kMaxStages));
    ParsedNode node = stage_node(reader);
    if (!node) return std::unexpected(std::move(node.error()));
    stages.push_back({std::move(*node), {begin, reader.previous_end()}});
    if (!reader.at_end() && !reader.at(TokenKind::pipe)) return reader.unexpected("| or the end");
  }
  return stages;
}

}  // namespace sightline::query
