#include "query/testing/random_pairs.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/json_text.h"
#include "event/time.h"
#include "query/checker.h"
#include "query/parser.h"
#include "query/testing/random_events.h"
#include "query/testing/random_source.h"
#include "query/text_form.h"
#include "query/time_part.h"

namespace sightline::query::testing {
namespace {

using namespace std::string_view_literals;

// A value and a name that it has.
struct Sample {
  std::string name;
  FieldType type = FieldType::text;
  bool number = false;  // of an attribute
  std::string text;     // also of integers
};

char flip_case(char c) {
  const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return is_letter ? static_cast<char>(c ^ 0x20) : c;
}

class ExpressionWriter {
 public:
  ExpressionWriter(RandomSource& random, const EventBatch& batch) : random_(random), batch_(batch) {}

  std::string expression(std::size_t depth) {
    const std::size_t choice = depth == 0 ? 0 : random_.below(10);
    if (choice < 3) return comparison();
    if (choice <= 4) return keyword("not") + " " + parenthesised(depth - 1);
    const std::string connective = keyword(choice < 7 ? "and" : "or");
    std::string text = operand(depth - 1);
    for (std::size_t i = 1 + random_.below(3); i > 0; --i) {
      text += fmt::format("{}{}{}{}", blank(), connective, blank(), operand(depth - 1));
    }
    return text;
  }

 private:
  std::string operand(std::size_t depth) { return random_.percent(40) ? parenthesised(depth) : comparison(); }
  std::string parenthesised(std::size_t depth) { return "(" + expression(depth) + ")"; }

  std::string blank() {
    constexpr std::array kBlanks{" "sv, " "sv, "  "sv, "\n"sv, "\t"sv, " \r\n "sv};
    return std::string(random_.pick(kBlanks));
  }

  std::string keyword(std::string_view word) {
    std::string text(word);
    const std::size_t style = random_.below(3);
    for (char& c : text) {
      if (style == 1 || (style == 2 && random_.percent(50))) c = flip_case(c);
    }
    return text;
  }

  // ---- values

  // In quotes, in a random spelling. `glob`: the value's own asterisks and backslashes are escaped.
  std::string quoted(std::string_view value, bool glob = false) {
    const char quote = random_.percent(70) ? '"' : '\'';
    std::string text(1, quote);
    while (!value.empty()) {
      const std::size_t size = utf8_sequence_length(value);
      const char c = value.front();
      const bool special = c == quote || c == '\\' || (glob && c == '*');
      if (special) {
        text += '\\';
        text += c;
      } else if (size == 0 || c == '\0' || random_.percent(2)) {
        for (std::size_t i = 0; i < std::max<std::size_t>(size, 1); ++i) {
          text += fmt::format("\\x{:02X}", static_cast<unsigned char>(value[i]));
        }
      } else {
        text += value.substr(0, size);
      }
      value.remove_prefix(std::max<std::size_t>(size, 1));
    }
    return text + quote;
  }

  // The value, or something close to it.
  std::string mutated(std::string value) {
    if (random_.percent(75)) return value;
    switch (random_.below(5)) {
      case 0:
        return random_text(random_);
      case 1:
        for (char& c : value) c = flip_case(c);
        return value;
      case 2:
        return value + "x";
      case 3:
        return value.substr(0, value.size() / 2);
      default:
        return " " + value;
    }
  }

  std::string flipped(std::string value) {
    for (char& c : value) {
      if (random_.percent(50)) c = flip_case(c);
    }
    return value;
  }

  std::string part_of(const std::string& value) {
    if (value.empty()) return value;
    const std::size_t begin = random_.below(value.size());
    return value.substr(begin, 1 + random_.below(std::min<std::size_t>(value.size() - begin, 12)));
  }

  // ---- samples

  Sample sample() {
    const Event& event = random_.pick(batch_.events());
    const std::size_t fields = event.fields().size();
    const std::size_t attributes = event.attributes().size();
    if (fields + attributes == 0) return {"user", FieldType::text, false, "root"};
    const std::size_t index = random_.below(fields + attributes);
    if (index < fields) return of_field(event.fields()[index]);
    const Attribute& attribute = event.attributes()[index - fields];
    // The path of a field's name means the field.
    if (find_field(attribute.path) != nullptr)
      return {"custom.value", FieldType::text, false, std::string(attribute.text)};
    const bool number = attribute.kind == Attribute::Kind::number;
    return {std::string(attribute.path), type_of_name(attribute.path), number, std::string(attribute.text)};
  }

  static FieldType type_of_name(std::string_view name) {
    const AliasInfo* alias = find_alias(name);
    return alias == nullptr ? FieldType::text : field_info(alias->targets.front()).type;
  }

  Sample of_field(const FieldValue& value) {
    const FieldInfo& info = field_info(value.field);
    Sample sample{std::string(info.name), info.type, false, std::string(value.text)};
    if (info.type != FieldType::text) sample.text = std::to_string(value.integer);
    if (!random_.percent(40)) return sample;
    for (const AliasInfo& alias : all_aliases()) {
      if (std::ranges::find(alias.targets, value.field) != alias.targets.end()) sample.name = alias.name;
    }
    return sample;
  }

  // ---- comparisons

  std::string comparison() {
    const std::size_t choice = random_.below(100);
    if (choice < 8) return free_text();
    if (choice < 16) return time_comparison();
    if (choice < 18) return id_comparison();
    if (choice < 26) return field_comparison();
    if (choice < 30) return part_of_a_time();
    Sample value = sample();
    // Another field of the same kind, so that values meet fields that do not have them.
    if (random_.percent(10)) value.name = sample_name(value);
    if (choice < 37) return name(value.name) + spaced(random_.percent(50) ? "=" : "!=") + keyword("null");
    switch (value.type) {
      case FieldType::integer:
        return integer_comparison(value);
      case FieldType::boolean:
        return boolean_comparison(value);
      default:
        return text_comparison(value);
    }
  }

  std::string sample_name(const Sample& like) {
    for (int i = 0; i < 20; ++i) {
      const Sample other = sample();
      if (other.type == like.type) return other.name;
    }
    return like.name;
  }

  std::string name(std::string_view name) {
    return random_.percent(5) ? "`" + escaped_name(name) + "`" : quote_name(name);
  }

  static std::string escaped_name(std::string_view name) {
    std::string text;
    for (const char c : name) text += c == '`' || c == '\\' ? std::string{'\\', c} : std::string(1, c);
    return text;
  }

  std::string spaced(std::string_view op) {
    const bool is_word = op.front() >= 'a' && op.front() <= 'z';
    if (!is_word && random_.percent(30)) return std::string(op);
    return blank() + (is_word ? keyword(op) : std::string(op)) + blank();
  }

  std::string free_text() {
    if (random_.percent(30)) return keyword("matches") + blank() + pattern(sample().text);
    std::string text = flipped(part_of(mutated(sample().text)));
    if (text.empty()) text = "oo";
    return quoted(text);
  }

  std::string list_of(const std::vector<std::string>& values) {
    std::string text = blank() + (random_.percent(30) ? keyword("not") + blank() : "") + keyword("in") + "(";
    for (std::size_t i = 0; i < values.size(); ++i) text += (i > 0 ? ", " : "") + values[i];
    return text + ")";
  }

  std::string order() {
    constexpr std::array kOrders{"<"sv, "<="sv, ">"sv, ">="sv};
    return std::string(random_.pick(kOrders));
  }

  std::string integer_comparison(const Sample& sample) {
    std::vector<std::string> values;
    // A number attribute that shares an integer alias may not be an integer.
    const bool fits = sample.text.find_first_not_of("-0123456789") == std::string::npos && sample.text.size() < 19 &&
                      sample.text.find_first_of("0123456789") != std::string::npos &&
                      sample.text.rfind('-', 0) == sample.text.rfind('-');
    const bool sound = fits && (sample.text.find('-') == std::string::npos || sample.text.front() == '-');
    values.push_back(sound && !random_.percent(20) ? sample.text : std::to_string(random_.below(50)));
    while (random_.percent(40)) values.push_back(std::to_string(static_cast<int>(random_.below(60)) - 10));
    for (std::string& value : values) {
      if (random_.percent(30)) value = quoted(value);
    }
    if (values.size() > 1) return name(sample.name) + list_of(values);
    constexpr std::array kEquals{"="sv, "!="sv, "ieq"sv};
    const std::string op = random_.percent(50) ? order() : std::string(random_.pick(kEquals));
    return name(sample.name) + spaced(op) + values.front();
  }

  // Fields of one kind mostly; of two that do not go together few are left after the check.
  std::string field_comparison() {
    constexpr std::array kOperators{
        "="sv,         "!="sv,          "ieq"sv,          "<"sv,         "<="sv,        ">"sv, ">="sv, "contains"sv,
        "icontains"sv, "starts_with"sv, "istarts_with"sv, "ends_with"sv, "iends_with"sv};
    constexpr std::array kTimes{"event_time"sv, "received_time"sv, "timestamp"sv};
    const Sample left = sample();
    std::string right = random_.percent(60) ? sample_name(left) : sample().name;
    if (random_.percent(5)) right = random_.pick(kTimes);
    return name(left.name) + spaced(random_.pick(kOperators)) + keyword("field") + (random_.percent(10) ? " " : "") +
           "(" + name(right) + ")";
  }

  std::string boolean_comparison(const Sample& sample) {
    constexpr std::array kValues{"true"sv, "false"sv, "\"true\""sv, "\"FALSE\""sv, "'yes'"sv, "'No'"sv, "TRUE"sv};
    const std::string value(random_.pick(kValues));
    return name(sample.name) + spaced(random_.percent(50) ? "=" : "!=") + value;
  }

  std::string text_comparison(const Sample& sample) {
    const std::size_t choice = random_.below(100);
    if (choice < 15) return equality(sample);
    if (choice < 25) return membership(sample);
    if (choice < 37) return ordering(sample);
    if (choice < 62) return part_comparison(sample);
    if (choice < 77) return like(sample);
    if (choice < 90) return name(sample.name) + spaced("matches") + pattern(sample.text);
    return network(sample);
  }

  // A literal for equality: numbers unquoted, quoted, or in another spelling.
  std::string equal_literal(const Sample& sample) {
    if (sample.number) {
      if (random_.percent(30)) return random_number(random_);
      return random_.percent(60) ? sample.text : quoted(sample.text);
    }
    if (random_.percent(4)) return random_.percent(50) ? keyword("true") : keyword("false");
    if (random_.percent(4)) return random_number(random_);
    return quoted(mutated(sample.text));
  }

  std::string equality(const Sample& sample) {
    constexpr std::array kEquals{"="sv, "="sv, "!="sv};
    if (random_.percent(30)) return name(sample.name) + spaced("ieq") + quoted(flipped(sample.text));
    return name(sample.name) + spaced(random_.pick(kEquals)) + equal_literal(sample);
  }

  std::string membership(const Sample& sample) {
    std::vector<std::string> values{equal_literal(sample)};
    const std::size_t count = random_.percent(20) ? 12 : 1 + random_.below(3);
    while (values.size() < count) values.push_back(quoted(random_text(random_)));
    std::swap(values.front(), values[random_.below(values.size())]);
    return name(sample.name) + list_of(values);
  }

  std::string ordering(const Sample& sample) {
    const bool as_number = sample.number ? random_.percent(80) : random_.percent(20);
    const std::string value = as_number ? random_number(random_) : quoted(mutated(sample.text));
    return name(sample.name) + spaced(order()) + value;
  }

  std::string part_comparison(const Sample& sample) {
    constexpr std::array kOperators{"contains"sv, "starts_with"sv, "ends_with"sv};
    const std::size_t which = random_.below(kOperators.size());
    const std::size_t size = random_.below(sample.text.size() + 1);
    std::string part = part_of(sample.text);
    if (which == 1) part = sample.text.substr(0, size);
    if (which == 2) part = sample.text.substr(sample.text.size() - size);
    part = mutated(std::move(part));
    const bool fold = random_.percent(50);
    if (fold) part = flipped(std::move(part));
    return name(sample.name) + spaced((fold ? "i" : "") + std::string(kOperators.at(which))) + quoted(part);
  }

  std::string like(const Sample& sample) {
    const bool fold = random_.percent(40);
    std::string value = mutated(sample.text);
    if (fold) value = flipped(std::move(value));
    // The value with pieces replaced by wildcards.
    std::string text;
    const std::size_t pieces = random_.below(4);
    for (std::size_t i = 0; i < pieces; ++i) {
      const std::size_t cut = random_.below(value.size() + 1);
      const std::string piece = quoted(value.substr(0, cut), true);
      if (piece.front() == '"') text += piece.substr(1, piece.size() - 2) + "*";
      value = value.substr(random_.percent(70) ? cut : std::min(value.size(), cut + 2));
    }
    std::string rest = quoted(value, true);
    while (rest.front() != '"') rest = quoted(value, true);
    const bool is_refused = text.empty() && (rest.starts_with("\"%") || rest.ends_with("%\""));
    if (is_refused) text = "*";
    return name(sample.name) + spaced(fold ? "ilike" : "like") + "\"" + text + rest.substr(1);
  }

  // Quotes what RE2 would read; bytes that are not UTF-8 are looked for as U+FFFD or any character.
  std::string literal_pattern(std::string_view text) {
    std::string pattern;
    while (!text.empty()) {
      const std::size_t size = utf8_sequence_length(text);
      const auto c = static_cast<unsigned char>(text.front());
      const bool is_word = c >= 0x80 || (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == ' ';
      if (size == 0) {
        pattern += random_.percent(50) ? "\\x{FFFD}" : ".";
      } else if (!is_word) {
        pattern += fmt::format("\\x{:02x}", c);
      } else {
        pattern += text.substr(0, size);
      }
      text.remove_prefix(std::max<std::size_t>(size, 1));
    }
    return pattern;
  }

  std::string pattern(const std::string& value) {
    constexpr std::array kFixed{
        "."sv,
        "^$"sv,
        "^.+$"sv,
        "\\d+"sv,
        "[a-z]+\\d"sv,
        "(?i)ROOT|ubuntu"sv,
        "^.{1,4}$"sv,
        "\\bhi\\b"sv,
        "one.line"sv,
        "(?s)one.line"sv,
        "(?m)^line"sv,
        "\\x{FFFD}"sv,
        "\\x{FFFD}{2}"sv,
        "[^\\x00-\\x7F]"sv,
        "\\x00"sv,
        "(?i)k"sv,
        "(?i)\\x{E9}"sv,
        "caf.s$"sv,
        "^\\S+$"sv,
        "(a|b)*\\*"sv,
        "[[:upper:]]{3}"sv,
        "\\pL\\pL"sv,
        "x.y"sv,
        "\\.(?:0|1)$"sv,
        "^\\s"sv,
        "e$"sv,
        "\\n"sv,
        "(fail|denied)(ed)?"sv,
    };
    std::string text;
    switch (random_.below(6)) {
      case 0:
        text = literal_pattern(part_of(value));
        break;
      case 1:
        text = "^" + literal_pattern(value.substr(0, std::min<std::size_t>(value.size(), 30)));
        break;
      case 2:
        text = literal_pattern(value.substr(value.size() - std::min<std::size_t>(value.size(), 5))) + "$";
        break;
      case 3:
        text = fmt::format("(?i){}.*{}", literal_pattern(flipped(part_of(value))), literal_pattern(part_of(value)));
        break;
      default:
        text = random_.pick(kFixed);
    }
    return "\"" + text + "\"";
  }

  std::string network(const Sample& sample) {
    constexpr std::array kNetworks{
        "10.0.0.0/8"sv,    "10.0.0.0/31"sv,   "0.0.0.0/0"sv,       "::/0"sv, "fd00::/8"sv,    "::ffff:10.0.0.0/104"sv,
        "::/96"sv,         "2001:db8::/32"sv, "169.254.169.254"sv, "::1"sv,  "10.0.0.1/32"sv, "192.168.0.0/16"sv,
        "::ffff:0:0/96"sv, "128.0.0.0/1"sv};
    const Sample* best = &sample;
    return name(random_.percent(60) ? "ip" : best->name) + spaced("cidr") + quoted(random_.pick(kNetworks));
  }

  std::string part_of_a_time() {
    constexpr std::array kParts{TimePart::minute, TimePart::hour,  TimePart::day,
                                TimePart::week,   TimePart::month, TimePart::year};
    constexpr std::array kNames{"event_time"sv, "event_time"sv, "timestamp"sv, "received_time"sv};
    const TimePart part = random_.pick(kParts);
    const auto value = [&] {
      const std::string number = std::to_string(part_of_time(part, random_.pick(batch_.events()).event_time_ms));
      return random_.percent(20) ? quoted(number) : number;
    };
    const std::string subject = fmt::format("{}({})", keyword(to_string(part)), name(random_.pick(kNames)));
    if (random_.percent(30)) return subject + list_of({value(), value()});
    return subject + spaced(random_.percent(50) ? order() : std::string(random_.percent(50) ? "=" : "!=")) + value();
  }

  std::string time_comparison() {
    constexpr std::array kNames{"event_time"sv, "event_time"sv, "timestamp"sv, "received_time"sv};
    constexpr std::array kRelative{"now"sv, "now-1s"sv, "now-3s"sv, "now-1d"sv, "NOW-12h"sv, "now+1m"sv, "now-1w"sv};
    const std::int64_t time_ms = random_.pick(batch_.events()).event_time_ms;
    std::string value;
    switch (random_.below(5)) {
      case 0:
        value = fmt::format("{:013}", time_ms);
        break;
      case 1:
        value = fmt::format("{:010}", time_ms / 1000);
        break;
      case 2:
        value = format_iso8601(time_ms);
        if (random_.percent(70)) value.resize(random_.percent(50) ? 19 : 16);
        break;
      case 3:
        value = format_iso8601(time_ms).substr(0, 10);
        break;
      default:
        value = random_.pick(kRelative);
    }
    if (random_.percent(30)) value = quoted(value);
    const std::string op = random_.percent(60) ? order() : std::string(random_.percent(50) ? "=" : "!=");
    return std::string(random_.pick(kNames)) + spaced(op) + value;
  }

  std::string id_comparison() {
    const std::string id = flipped(sightline::to_string(random_.pick(batch_.events()).id));
    if (random_.percent(50)) return "id" + spaced(random_.percent(50) ? "=" : "!=") + "\"" + id + "\"";
    return "id" + list_of({"'" + id + "'", "\"" + sightline::to_string(random_.pick(batch_.events()).id) + "\""});
  }

  RandomSource& random_;
  const EventBatch& batch_;
};

}  // namespace

RandomPairs make_random_pairs(std::uint64_t seed, std::size_t event_count, std::size_t expression_count) {
  RandomSource random(seed);
  RandomPairs pairs{random_events(random, event_count), SetPathCatalog(random_paths()), kRandomNowMs, {}};
  const CheckContext context{&pairs.catalog, pairs.now_ms};
  ExpressionWriter writer(random, pairs.events);
  while (pairs.expressions.size() < expression_count) {
    RandomExpression made{writer.expression(random.below(4)), {}};
    std::expected<Expr, Diagnostic> expr = parse_expression(made.text);
    if (!expr) throw std::logic_error("a random expression does not parse: " + render(expr.error(), made.text));
    // A few are refused for good reasons: `custom.number < true`, a pattern that became too large.
    if (!check(*expr, context)) continue;
    made.expr = std::move(*expr);
    pairs.expressions.push_back(std::move(made));
  }
  return pairs;
}

}  // namespace sightline::query::testing
