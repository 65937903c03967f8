// Any input of any format, masked: what is left of an original where a secret was found shows none.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "sources/formats/formats.h"
#include "sources/masking/secret_masker.h"

namespace {

using namespace sightline;

void decode(sources::Format format, std::string_view input, sources::Decoded& out) {
  const auto decoder = sources::make_decoder(format, {});
  decoder->write(input, out);
  decoder->finish(out);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto patterns = *sources::SecretPatterns::compile(sources::default_secret_patterns());
  const sources::SecretMasker masker(patterns);
  if (size == 0) return 0;
  const auto formats = sources::all_formats();
  const sources::Format format = formats[data[0] % formats.size()];
  sources::Decoded decoded;
  decode(format, {reinterpret_cast<const char*>(data) + 1, size - 1}, decoded);
  sources::CleanTexts clean;
  for (Event& event : decoded.events.events()) {
    masker.mask(
        decoded.events, event, [&](std::string_view original, sources::Decoded& out) { decode(format, original, out); },
        clean);
    if (!patterns->find(event.original).empty()) std::abort();
  }
  for (sources::Rejected& rejected : decoded.rejected) {
    masker.mask(rejected);
    (void)patterns->find(rejected.bytes);
  }
  return 0;
}
