# zlib and zstd: compressed input. Debian zlib1g-dev, libzstd-dev.
find_package(PkgConfig REQUIRED)
find_package(ZLIB REQUIRED)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
