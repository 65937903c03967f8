// Takes secrets out of decoded events, before anything is hashed, detected on or stored.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "sources/decoder.h"
#include "sources/masking/clean_texts.h"
#include "sources/masking/secret_patterns.h"

namespace sightline::sources {

// Immutable, thread-safe.
class SecretMasker {
 public:
  // Decodes the original of one event by the decoder that it came from.
  using Redecode = std::function<void(std::string_view original, Decoded& out)>;

  explicit SecretMasker(std::shared_ptr<const SecretPatterns> patterns) : patterns_(std::move(patterns)) {}

  // Replaces each secret in the event's texts, names of attributes and original, and names the patterns in the field
  // `masked`. Values of one list are also looked at joined by spaces: an option and its value. The masked original is
  // decoded again: where it still has a secret, or is no event any more, mask_text() stands for all of it. `clean` is
  // used with this masker alone.
  void mask(EventBatch& batch, Event& event, const Redecode& redecode, CleanTexts& clean) const;

  // The same for input that did not decode; where a secret shows only behind escapes, all of the bytes make way.
  void mask(Rejected& rejected) const;

 private:
  std::shared_ptr<const SecretPatterns> patterns_;
};

}  // namespace sightline::sources
