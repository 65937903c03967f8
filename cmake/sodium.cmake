# libsodium: random bytes, hashing of tokens, constant-time comparison. Debian libsodium-dev.
find_package(PkgConfig REQUIRED)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
