#include "decoder_chunking.h"
#include "sources/kubernetes/kubernetes_decoder.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  sightline::fuzz::check_chunking(data, size, sightline::kubernetes::make_kubernetes_decoder);
  return 0;
}
