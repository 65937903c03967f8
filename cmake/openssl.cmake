# OpenSSL 3: SHA-256. Debian libssl-dev.
find_package(OpenSSL REQUIRED)
