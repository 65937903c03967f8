#include "sources/json/json_reader.h"

#include <simdjson.h>

#include <algorithm>
#include <cstring>
#include <new>

#include "event/utf8.h"
#include "sources/json/json_document.h"

namespace sightline::sources {
namespace {

// Memory for larger documents is given back after use.
constexpr std::size_t kKeptCapacityBytes = std::size_t{256} * 1024;

// Room made for values before they are read.
constexpr std::size_t kMaxExpected = 64;

// A copy of `text` followed by the bytes that simdjson may read beyond it.
std::string_view copy_padded(std::string_view text, Arena& arena) {
  char* bytes = arena.allocate(text.size() + simdjson::SIMDJSON_PADDING);
  std::memcpy(bytes, text.data(), text.size());
  std::memset(bytes + text.size(), 0, simdjson::SIMDJSON_PADDING);
  return {bytes, text.size()};
}

// simdjson does not say where; the caller wants to.
std::size_t find_control_character(std::string_view text) {
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (in_string && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      in_string = !in_string;
    } else if (in_string && static_cast<unsigned char>(text[i]) < 0x20) {
      return i;
    }
  }
  return 0;
}

JsonError to_error(simdjson::error_code code, std::string_view text) {
  switch (code) {
    case simdjson::EMPTY:
      return {"expected a JSON object", 0};
    case simdjson::UNCLOSED_STRING:
      return {"expected the closing quote of a string", text.size()};
    case simdjson::UNESCAPED_CHARS:
      return {"expected control characters in strings to be escaped", find_control_character(text)};
    default:
      return {simdjson::error_message(code), 0};
  }
}

}  // namespace

// The first stage of simdjson: finds all structural characters and checks that the text is UTF-8. Its second stage is
// not used: it would turn numbers into doubles and copy every string.
class JsonReader::Parser {
 public:
  // The offsets of structural characters as JsonDocument wants them, valid until the next call.
  std::expected<std::span<const std::uint32_t>, simdjson::error_code> index(std::string_view text) {
    if (text.size() > capacity_ || (capacity_ > kKeptCapacityBytes && text.size() < kKeptCapacityBytes)) {
      allocate(std::max(text.size(), std::size_t{16} * 1024));
    }
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
    const simdjson::error_code code = simdjson_->stage1(bytes, text.size(), simdjson::stage1_mode::regular);
    if (code != simdjson::SUCCESS) return std::unexpected(code);
    return std::span(simdjson_->structural_indexes.get(), std::size_t{simdjson_->n_structural_indexes} + 1);
  }

 private:
  void allocate(std::size_t capacity) {
    constexpr std::size_t kUnusedDepth = 1;  // of the second stage
    simdjson_.reset();
    if (simdjson::get_active_implementation()->create_dom_parser_implementation(capacity, kUnusedDepth, simdjson_) !=
        simdjson::SUCCESS) {
      throw std::bad_alloc();
    }
    capacity_ = capacity;
  }

  std::unique_ptr<simdjson::internal::dom_parser_implementation> simdjson_;
  std::size_t capacity_ = 0;
};

JsonReader::JsonReader(PathRules rules, PathNamer namer)
    : paths_(std::move(rules), namer), parser_(std::make_unique<Parser>()) {}
JsonReader::~JsonReader() = default;

void JsonReader::start_batch() { paths_.start_batch(); }

std::expected<Event*, JsonError> JsonReader::read(std::string_view object, EventBatch& batch) {
  if (object.empty()) return std::unexpected(JsonError{"expected a JSON object", 0});
  const std::string_view original = copy_padded(object, batch.arena());
  std::string_view text = original;
  auto indexes = parser_->index(text);
  if (!indexes && indexes.error() == simdjson::UTF8_ERROR) {
    std::string valid;
    append_valid_utf8(valid, original);
    text = copy_padded(valid, batch.arena());
    indexes = parser_->index(text);
  }
  if (!indexes) return std::unexpected(to_error(indexes.error(), text));

  Event& event = batch.add();
  event.original = original;
  event.fields().reserve(expected_fields_);
  event.attributes().reserve(expected_attributes_);
  paths_.start_document();
  if (std::optional<JsonError> error = JsonDocument(text, *indexes, paths_, event, batch).read()) {
    batch.events().pop_back();
    return std::unexpected(std::move(*error));
  }
  if (text.data() != original.data()) add_malformed(event, "original");
  // The next event is likely to be of about the same size; decoders add a few fields of their own.
  expected_fields_ = std::min(event.fields().size() + 8, kMaxExpected);
  expected_attributes_ = std::min(event.attributes().size(), kMaxExpected);
  return &event;
}

void add_malformed(Event& event, std::string_view name) {
  const bool known = std::ranges::any_of(event.fields(), [name](const FieldValue& value) {
    return value.field == FieldId::malformed && value.text == name;
  });
  if (!known) event.add_text(FieldId::malformed, name);
}

}  // namespace sightline::sources
