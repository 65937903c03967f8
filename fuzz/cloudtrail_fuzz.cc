#include "decoder_chunking.h"
#include "sources/cloudtrail/cloudtrail_decoder.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  sightline::fuzz::check_chunking(data, size, sightline::cloudtrail::make_cloudtrail_decoder);
  return 0;
}
