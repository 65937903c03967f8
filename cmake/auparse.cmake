# libauparse: the decoder that bench/audit_decode_bench.cc compares ours with. Debian libauparse-dev.
find_package(PkgConfig REQUIRED)
pkg_check_modules(AUPARSE REQUIRED IMPORTED_TARGET auparse)
