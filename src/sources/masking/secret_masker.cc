#include "sources/masking/secret_masker.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/hash.h"
#include "sources/masking/event_texts.h"
#include "sources/masking/secret_forms.h"

namespace sightline::sources {

std::string_view TextRun::joined(std::string& buffer) const {
  if (texts_.size() == 1) return *texts_.front();
  buffer.clear();
  for (const std::string_view* text : texts_) {
    if (text != texts_.front()) buffer += ' ';
    buffer += *text;
  }
  return buffer;
}

namespace {

// Runs of hexadecimal digits at least this long are looked into: 8 bytes.
constexpr std::size_t kMinHexDigits = 16;
// Each is looked for in all of the original; where an event has more, all of the text makes way. Keeps time linear.
constexpr std::size_t kMaxSecrets = 64;

using Secrets = std::map<std::string, std::size_t, std::less<>>;  // secret → its pattern

// `text` without the secrets of `spans`.
std::string masked(std::string_view text, std::span<const SecretSpan> spans, const SecretPatterns& patterns) {
  std::string result;
  std::size_t copied = 0;
  for (const SecretSpan& span : spans) {
    result += text.substr(copied, span.begin - copied);
    result += mask_text(patterns.name(span.pattern));
    copied = span.end;
  }
  return result += text.substr(copied);
}

std::vector<std::string_view> hex_runs(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdefABCDEF";
  std::vector<std::string_view> runs;
  for (std::size_t at = text.find_first_of(kDigits); at != text.npos; at = text.find_first_of(kDigits, at)) {
    const std::size_t end = std::min(text.find_first_not_of(kDigits, at), text.size());
    if (end - at >= kMinHexDigits) runs.push_back(text.substr(at, (end - at) / 2 * 2));
    at = end;
  }
  return runs;
}

// Bytes that nobody has decoded: patterns as they stand, and inside hexadecimal digits.
class RawBytes {
 public:
  RawBytes(std::string_view bytes, const SecretPatterns& patterns) : patterns_(patterns), bytes_(bytes) { mask(); }

  const std::string& bytes() const { return bytes_; }
  const Secrets& secrets() const { return secrets_; }

 private:
  void mask() {
    const std::vector<SecretSpan> spans = patterns_.find(bytes_);
    note(bytes_, spans);
    bytes_ = masked(bytes_, spans, patterns_);
    std::string result;
    const char* copied = bytes_.data();
    for (const std::string_view run : hex_runs(bytes_)) {
      const std::optional<std::string> plain = from_hex(run);
      if (!plain || !patterns_.may_match(*plain)) continue;
      const std::vector<SecretSpan> inside = patterns_.find(*plain);
      note(*plain, inside);
      if (inside.empty()) continue;
      result.append(copied, run.data()) += hex_digits(masked(*plain, inside, patterns_), true);
      copied = run.data() + run.size();
    }
    const char* const end = bytes_.data() + bytes_.size();
    bytes_ = result.append(copied, end);
  }

  void note(std::string_view text, std::span<const SecretSpan> spans) {
    for (const SecretSpan& span : spans) secrets_.emplace(text.substr(span.begin, span.end - span.begin), span.pattern);
  }

  const SecretPatterns& patterns_;
  std::string bytes_;
  Secrets secrets_;
};

// One event in which a pattern may match.
class EventMasking {
 public:
  EventMasking(EventBatch& batch, Event& event, const SecretPatterns& patterns)
      : batch_(batch), event_(event), patterns_(patterns) {}

  void run(const SecretMasker::Redecode& redecode) {
    for_each_run(event_, [&](TextRun& run) { mask_run(run); });
    for (Attribute& attribute : event_.attributes()) mask_text_alone(attribute.path);
    const Secrets in_values = secrets_;
    RawBytes raw(event_.original, patterns_);
    const bool many = raw.secrets().size() > kMaxSecrets;
    for (const auto& [secret, pattern] : raw.secrets()) {
      secrets_.emplace(secret, pattern);
      if (!many && !in_values.contains(secret)) remove_from_values(secret, pattern);
    }
    if (secrets_.empty()) return;
    const bool all_known =
        std::ranges::all_of(raw.secrets(), [&](const auto& secret) { return in_values.contains(secret.first); });
    if (many && !all_known) mask_all_values();
    mask_original(raw.bytes(), redecode);
    mark();
  }

 private:
  std::string_view keep(std::string_view text) { return batch_.arena().copy(text); }

  void note(std::string_view text, const SecretSpan& span) {
    if (span.end > span.begin) secrets_.emplace(text.substr(span.begin, span.end - span.begin), span.pattern);
  }

  void mask_text_alone(std::string_view& text) {
    const std::vector<SecretSpan> spans = patterns_.find(text);
    for (const SecretSpan& span : spans) note(text, span);
    if (!spans.empty()) text = keep(masked(text, spans, patterns_));
  }

  void mask_run(TextRun& run) {
    const std::string_view joined = run.joined(buffer_);
    const std::vector<SecretSpan> spans = patterns_.find(joined);
    if (!spans.empty()) {
      std::size_t begin = 0;
      for (std::string_view* text : run.texts()) {
        const std::size_t size = text->size();
        mask_piece(*text, begin, spans);
        begin += size + 1;
      }
    }
    if (run.texts().size() > 1) {
      for (std::string_view* text : run.texts()) mask_text_alone(*text);
    }
  }

  // `text` stands at `begin` of the joined texts that the spans are about.
  void mask_piece(std::string_view& text, std::size_t begin, std::span<const SecretSpan> spans) {
    std::vector<SecretSpan> own;
    for (const SecretSpan& span : spans) {
      const std::size_t from = std::max(span.begin, begin);
      const std::size_t to = std::min(span.end, begin + text.size());
      if (from < to) own.push_back({from - begin, to - begin, span.pattern});
    }
    for (const SecretSpan& span : own) note(text, span);
    if (!own.empty()) text = keep(masked(text, own, patterns_));
  }

  // A secret that only its surroundings in the original show, such as the name of a JSON member.
  void remove_from_values(const std::string& secret, std::size_t pattern) {
    const std::string mask = mask_text(patterns_.name(pattern));
    const std::string plain = without_escapes(secret);
    for_each_run(event_, [&](TextRun& run) {
      for (std::string_view* text : run.texts()) {
        std::string changed(*text);
        replace_secret(changed, secret, mask);
        if (plain != secret) replace_secret(changed, plain, mask);
        if (changed != *text) *text = keep(changed);
      }
    });
  }

  void mask_all_values() {
    for_each_run(event_, [&](TextRun& run) {
      for (std::string_view* text : run.texts()) {
        if (!text->empty()) *text = keep(everything_masked());
      }
    });
  }
  std::string everything_masked() const { return mask_text(patterns_.name(secrets_.begin()->second)); }

  void mask_original(std::string original, const SecretMasker::Redecode& redecode) {
    if (event_.original.empty()) return;
    if (secrets_.size() > kMaxSecrets) {
      event_.original = keep(everything_masked());
      return;
    }
    for (const auto& [secret, pattern] : secrets_) {
      if (secret.size() < kMinSecretBytes) continue;
      for (const SecretForm& form : forms_of(secret, mask_text(patterns_.name(pattern)))) {
        replace_secret(original, form.secret, form.mask);
      }
    }
    const bool clean = patterns_.find(original).empty() && decodes_clean(original, redecode);
    event_.original = keep(clean ? original : everything_masked());
  }

  bool decodes_clean(std::string_view original, const SecretMasker::Redecode& redecode) const {
    Decoded again;
    redecode(original, again);
    if (again.events.empty() || again.rejected_count != 0) return false;
    bool clean = true;
    std::string buffer;
    for (Event& event : again.events.events()) {
      for_each_run(event, [&](TextRun& run) { clean = clean && patterns_.find(run.joined(buffer)).empty(); });
    }
    return clean;
  }

  void mark() {
    std::set<std::size_t> used;
    for (const auto& [secret, pattern] : secrets_) used.insert(pattern);
    for (const std::size_t pattern : used) event_.add_text(FieldId::masked, keep(patterns_.name(pattern)));
    // What became text is no number any more.
    for (Attribute& attribute : event_.attributes()) {
      if (attribute.text.starts_with("[masked:")) attribute.kind = Attribute::Kind::text;
    }
  }

  EventBatch& batch_;
  Event& event_;
  const SecretPatterns& patterns_;
  Secrets secrets_;
  std::string buffer_;
};

bool may_hold_secret(Event& event, const SecretPatterns& patterns, std::string& buffer, CleanTexts& clean) {
  if (patterns.may_match(event.original)) return true;
  bool found = false;
  for_each_run(event, [&](TextRun& run) {
    if (found) return;
    const std::string_view text = run.joined(buffer);
    if (clean.contains(text)) return;
    found = patterns.may_match(text);
    if (!found) clean.add(text);
  });
  return found;
}

}  // namespace

void SecretMasker::mask(EventBatch& batch, Event& event, const Redecode& redecode, CleanTexts& clean) const {
  std::string buffer;
  if (may_hold_secret(event, *patterns_, buffer, clean)) EventMasking(batch, event, *patterns_).run(redecode);
}

void SecretMasker::mask(Rejected& rejected) const {
  const RawBytes raw(rejected.bytes, *patterns_);
  const std::vector<SecretSpan> escaped = patterns_->find(without_escapes(raw.bytes()));
  if (!escaped.empty()) {
    rejected.bytes = mask_text(patterns_->name(escaped.front().pattern));
    rejected.error = "what was wrong is not told, since it would show a secret";
    return;
  }
  if (raw.secrets().empty() && !patterns_->may_match(rejected.error)) return;
  rejected.bytes = raw.bytes();
  for (const auto& [secret, pattern] : raw.secrets()) {
    const std::string mask = mask_text(patterns_->name(pattern));
    for (const SecretForm& form : forms_of(secret, mask)) replace_secret(rejected.error, form.secret, form.mask);
  }
  rejected.error = RawBytes(rejected.error, *patterns_).bytes();
}

}  // namespace sightline::sources
