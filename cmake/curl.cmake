# libcurl: the HTTP client of the command line. Debian libcurl4-openssl-dev.
find_package(CURL REQUIRED)
