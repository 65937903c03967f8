# vectorscan: many literals searched for in one pass. Debian libvectorscan-dev.
find_package(PkgConfig REQUIRED)
pkg_check_modules(VECTORSCAN REQUIRED IMPORTED_TARGET libhs)
