# simdjson: JSON parsing of everything that comes in bulk. Debian libsimdjson-dev.
find_package(simdjson REQUIRED)
