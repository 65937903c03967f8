#include "decoder_chunking.h"
#include "sources/ndjson/ndjson_decoder.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  sightline::fuzz::check_chunking(data, size, sightline::ndjson::make_ndjson_decoder);
  return 0;
}
