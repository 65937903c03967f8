# CLI11: command-line parsing. Debian libcli11-dev.
find_package(CLI11 REQUIRED)
