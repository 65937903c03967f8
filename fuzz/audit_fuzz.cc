// Any bytes in any chunks: the audit decoder neither crashes nor throws, gives the same whatever the chunks, keeps to
// its limits, and invents no byte of an original.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "sources/audit/audit_decoder.h"

namespace {

using namespace sightline;

void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

// Chunk sizes are taken from the input's bytes in turn; 0 stands for the rest.
sources::Decoded decode(std::string_view text, std::string_view sizes) {
  const auto decoder = audit::make_audit_decoder({"agent", "host", "", ""});
  sources::Decoded out;
  std::size_t turn = 0;
  while (!text.empty()) {
    std::size_t size = sizes.empty() ? text.size() : static_cast<unsigned char>(sizes[turn++ % sizes.size()]);
    if (size == 0 || size > text.size()) size = text.size();
    decoder->write(text.substr(0, size), out);
    text.remove_prefix(size);
  }
  decoder->finish(out);
  return out;
}

void require_same_event(const Event& left, const Event& right) {
  require(left.event_time_ms == right.event_time_ms && left.original == right.original, "time and original");
  require(left.fields().size() == right.fields().size(), "number of fields");
  for (std::size_t i = 0; i < left.fields().size(); ++i) {
    const FieldValue& a = left.fields()[i];
    const FieldValue& b = right.fields()[i];
    require(a.field == b.field && a.integer == b.integer && a.text == b.text, "fields");
  }
  require(left.attributes().size() == right.attributes().size(), "number of attributes");
  for (std::size_t i = 0; i < left.attributes().size(); ++i) {
    const Attribute& a = left.attributes()[i];
    const Attribute& b = right.attributes()[i];
    require(a.path == b.path && a.kind == b.kind && a.text == b.text, "attributes");
  }
}

void require_same(const sources::Decoded& left, const sources::Decoded& right) {
  require(left.rejected_count == right.rejected_count, "number of rejected lines");
  for (std::size_t i = 0; i < left.rejected.size(); ++i) {
    require(left.rejected[i].line == right.rejected[i].line && left.rejected[i].error == right.rejected[i].error &&
                left.rejected[i].bytes == right.rejected[i].bytes,
            "rejected lines");
  }
  require(left.events.size() == right.events.size(), "number of events");
  for (std::size_t i = 0; i < left.events.size(); ++i) {
    require_same_event(left.events.events()[i], right.events.events()[i]);
  }
}

// Every original is whole lines of the input; together with what was rejected they are no more than the input.
void require_own_bytes(const sources::Decoded& out, std::string_view text) {
  std::size_t total = 0;
  for (const Event& event : out.events.events()) {
    std::string_view rest = event.original;
    total += rest.size();
    require(!rest.empty(), "an event has an original");
    while (!rest.empty()) {
      const std::size_t end = rest.find('\n');
      const std::string_view line = rest.substr(0, end == std::string_view::npos ? end : end + 1);
      require(text.find(line) != std::string_view::npos, "an original's line stands in the input");
      rest.remove_prefix(line.size());
    }
    require(event.attributes().size() <= sources::kMaxAttributes, "number of attributes");
  }
  for (const sources::Rejected& rejected : out.rejected) total += rejected.size_bytes;
  require(total <= text.size(), "no byte was used twice");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t size_count = std::min<std::size_t>(static_cast<unsigned char>(text.front()) % 8, text.size() - 1);
  const std::string_view sizes = text.substr(1, size_count);
  text.remove_prefix(1 + size_count);
  const sources::Decoded whole = decode(text, {});
  require_same(decode(text, sizes), whole);
  require_same(decode(text, "\x01"), whole);
  require_own_bytes(whole, text);
  return 0;
}
