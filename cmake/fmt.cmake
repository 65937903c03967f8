# fmt: formatting (GCC 12 has no std::format). Debian libfmt-dev.
find_package(fmt REQUIRED)
