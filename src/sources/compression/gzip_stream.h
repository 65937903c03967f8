// gzip (zlib).
#pragma once

#include <memory>

#include "sources/compression/decompressor.h"

namespace sightline::sources {

std::unique_ptr<Decompressor> make_gzip_stream(Decompressor::Sink sink, const DecompressionLimits& limits);

}  // namespace sightline::sources
