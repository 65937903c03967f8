#include "decoder_chunking.h"
#include "sources/laurel/laurel_decoder.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  sightline::fuzz::check_chunking(data, size, sightline::laurel::make_laurel_decoder);
  return 0;
}
