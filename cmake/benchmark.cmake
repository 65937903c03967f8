# Google Benchmark: micro-benchmarks under bench/. Debian libbenchmark-dev.
find_package(benchmark REQUIRED)
