#include "decoder_chunking.h"
#include "sources/windows/windows_decoder.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  sightline::fuzz::check_chunking(data, size, sightline::windows::make_windows_decoder);
  return 0;
}
