# prometheus-cpp (core): metrics registry and text format. Debian prometheus-cpp-dev.
find_package(prometheus-cpp REQUIRED)
