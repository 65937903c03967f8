# spdlog: logging sink. Debian libspdlog-dev.
find_package(spdlog REQUIRED)
