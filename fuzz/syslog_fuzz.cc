#include "decoder_chunking.h"
#include "sources/syslog/syslog_decoder.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  sightline::fuzz::check_chunking(data, size, sightline::syslog::make_syslog_decoder);
  return 0;
}
