# RE2: regular expressions in linear time. Debian libre2-dev.
find_package(PkgConfig REQUIRED)
pkg_check_modules(RE2 REQUIRED IMPORTED_TARGET re2)
