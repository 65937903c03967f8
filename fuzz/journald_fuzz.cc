#include "decoder_chunking.h"
#include "sources/journald/journald_decoder.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  sightline::fuzz::check_chunking(data, size, sightline::journald::make_journald_decoder);
  return 0;
}
