// What masking secrets costs: events decoded per CPU-second with and without it.
//
//   masking_bench FORMAT FILE [rounds]      5 rounds unless told; the best of each counts
#include <fmt/format.h>

#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <string>

#include "server/ingest_decoder.h"

namespace {

using namespace sightline;

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

struct Measured {
  std::size_t events = 0;
  std::size_t masked = 0;
  double events_per_second = 0;
};

Measured measure(const server::IngestRequest& request, const std::shared_ptr<const sources::SecretMasker>& masker,
                 int rounds) {
  const auto decoder = server::make_ingest_decoder({}, masker);
  Measured best;
  for (int round = 0; round < rounds; ++round) {
    const double start = cpu_seconds();
    const auto decoded = decoder->decode(request, [](std::size_t) { return true; });
    const double elapsed = cpu_seconds() - start;
    if (!decoded) {
      fmt::print(stderr, "{}\n", decoded.error().message);
      std::exit(1);
    }
    best.events = decoded->events.size();
    best.masked = 0;
    for (const Event& event : decoded->events.events()) {
      if (event.find(FieldId::masked) != nullptr) ++best.masked;
    }
    best.events_per_second = std::max(best.events_per_second, static_cast<double>(best.events) / elapsed);
  }
  return best;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    fmt::print(stderr, "masking_bench FORMAT FILE [rounds]\n");
    return 2;
  }
  const auto format = sources::parse_format(argv[1]);
  std::ifstream file(argv[2], std::ios::binary);
  if (!format || !file) {
    fmt::print(stderr, "no such format or file\n");
    return 2;
  }
  server::IngestRequest request;
  request.format = *format;
  request.body.assign(std::istreambuf_iterator<char>(file), {});
  const int rounds = argc > 3 ? std::atoi(argv[3]) : 5;
  const auto patterns = sources::SecretPatterns::compile(sources::default_secret_patterns());
  const auto masker = std::make_shared<const sources::SecretMasker>(*patterns);
  const Measured plain = measure(request, nullptr, rounds);
  const Measured masked = measure(request, masker, rounds);
  fmt::print("{} events, {} with something masked\n", masked.events, masked.masked);
  fmt::print("  without {:>9.0f} events per CPU-second\n", plain.events_per_second);
  fmt::print("  with    {:>9.0f}, {:.2f} microseconds more an event\n", masked.events_per_second,
             1e6 / masked.events_per_second - 1e6 / plain.events_per_second);
}
