# libauparse: the decoder that bench/audit_decode_bench.cc compares ours with. Debian libauparse-dev; without it that
# one benchmark is left out.
find_package(PkgConfig REQUIRED)
pkg_check_modules(AUPARSE IMPORTED_TARGET auparse)
