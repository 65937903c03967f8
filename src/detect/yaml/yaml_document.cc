#include "detect/yaml/yaml_document.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <optional>
#include <sstream>

namespace sightline::detect {
namespace {

struct Refusal {
  YamlError error;
};

// Builds the tree from yaml-cpp's events. Throws Refusal at a limit; parse_yaml catches it.
class TreeBuilder final : public YAML::EventHandler {
 public:
  // The document's root, after its events.
  std::optional<YamlNode> take() { return std::exchange(root_, std::nullopt); }

  void OnDocumentStart(const YAML::Mark&) override { root_.reset(); }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override { place(node(mark, YamlNode::Kind::null)); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    refuse(mark, "an alias (*name), which rule files may not use", "write the value out");
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, const std::string& value) override {
    const bool plain = tag == "?";
    const bool null = plain && (value.empty() || value == "~" || value == "null");
    YamlNode scalar = node(mark, null ? YamlNode::Kind::null : YamlNode::Kind::scalar);
    scalar.scalar = value;
    place(std::move(scalar));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
    open(mark, YamlNode::Kind::sequence);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
    open(mark, YamlNode::Kind::mapping);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    YamlNode node;
    std::optional<YamlNode> key;  // of a mapping: a key that waits for its value
  };

  [[noreturn]] static void refuse(const YAML::Mark& mark, std::string message, std::string hint) {
    throw Refusal{{static_cast<std::size_t>(mark.line) + 1, static_cast<std::size_t>(mark.column) + 1,
                   std::move(message), std::move(hint)}};
  }

  YamlNode node(const YAML::Mark& mark, YamlNode::Kind kind) {
    if (++nodes_ > kMaxYamlNodes) refuse(mark, "too many values in one file", "split the file");
    YamlNode made;
    made.kind = kind;
    made.line = static_cast<std::size_t>(std::max(mark.line, 0)) + 1;
    made.column = static_cast<std::size_t>(std::max(mark.column, 0)) + 1;
    made.offset = static_cast<std::size_t>(std::max(mark.pos, 0));
    return made;
  }

  void open(const YAML::Mark& mark, YamlNode::Kind kind) {
    if (open_.size() >= kMaxYamlDepth) refuse(mark, "values nested too deeply", "a rule needs at most three levels");
    open_.push_back({node(mark, kind), std::nullopt});
  }

  void close() {
    YamlNode done = std::move(open_.back().node);
    open_.pop_back();
    place(std::move(done));
  }

  void place(YamlNode value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return;
    }
    Open& parent = open_.back();
    if (parent.node.kind == YamlNode::Kind::sequence) {
      parent.node.items.push_back(std::move(value));
    } else if (parent.key) {
      parent.node.entries.push_back({std::move(*parent.key), std::move(value)});
      parent.key.reset();
    } else {
      parent.key = std::move(value);
    }
  }

  std::vector<Open> open_;
  std::optional<YamlNode> root_;
  std::size_t nodes_ = 0;
};

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

std::pair<std::size_t, std::size_t> position_of(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const std::size_t line_start = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
  return {static_cast<std::size_t>(std::ranges::count(before, '\n')) + 1, offset - line_start + 1};
}

// Where the content of a scalar starts: after its quote, or on the line after a block indicator.
std::size_t content_start(std::string_view text, std::size_t offset) {
  while (offset < text.size() && is_space(text[offset])) ++offset;
  if (offset >= text.size()) return text.size();
  if (text[offset] == '"' || text[offset] == '\'') return offset + 1;
  if (text[offset] != '|' && text[offset] != '>') return offset;
  const std::size_t newline = text.find('\n', offset);
  return newline == std::string_view::npos ? text.size() : newline + 1;
}

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const {
  const auto found = std::ranges::find_if(entries, [&](const auto& entry) { return entry.key.scalar == key; });
  return found == entries.end() ? nullptr : &found->value;
}

std::string_view to_string(YamlNode::Kind kind) {
  switch (kind) {
    case YamlNode::Kind::null:
      return "nothing";
    case YamlNode::Kind::scalar:
      return "a single value";
    case YamlNode::Kind::sequence:
      return "a list";
    case YamlNode::Kind::mapping:
      return "a mapping";
  }
  return "";
}

std::expected<std::vector<YamlNode>, YamlError> parse_yaml(std::string_view text) {
  std::vector<YamlNode> documents;
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    TreeBuilder builder;
    while (parser.HandleNextDocument(builder)) {
      std::optional<YamlNode> root = builder.take();
      if (root && root->kind != YamlNode::Kind::null) documents.push_back(std::move(*root));
    }
  } catch (const Refusal& refusal) {
    return std::unexpected(refusal.error);
  } catch (const YAML::Exception& exception) {
    const bool placed = !exception.mark.is_null();
    return std::unexpected(YamlError{placed ? static_cast<std::size_t>(exception.mark.line) + 1 : 0,
                                     placed ? static_cast<std::size_t>(exception.mark.column) + 1 : 0,
                                     "not valid YAML: " + exception.msg,
                                     "check indentation, quotes and colons at this place"});
  } catch (const std::exception& exception) {
    return std::unexpected(YamlError{0, 0, std::string("not readable as YAML: ") + exception.what(), {}});
  }
  return documents;
}

std::pair<std::size_t, std::size_t> locate_in_scalar(std::string_view text, const YamlNode& scalar,
                                                     std::size_t offset) {
  std::size_t at = content_start(text, scalar.offset);
  const std::string_view value = scalar.scalar;
  for (std::size_t i = 0; i < offset && i < value.size(); ++i) {
    if (is_space(value[i])) {
      // One blank or line end of the value is any run of them in the text; the next character says where it goes on.
      if (i + 1 < value.size() && is_space(value[i + 1])) continue;
      while (at < text.size() && is_space(text[at])) ++at;
      continue;
    }
    while (at < text.size() && is_space(text[at])) ++at;  // a block's indentation
    if (at < text.size() && text[at] != value[i] && (text[at] == '\\' || text[at] == '\'')) ++at;
    if (at >= text.size() || text[at] != value[i]) return {scalar.line, scalar.column};
    ++at;
  }
  while (at < text.size() && offset < value.size() && !is_space(value[offset]) && is_space(text[at])) ++at;
  return position_of(text, at);
}

}  // namespace sightline::detect
