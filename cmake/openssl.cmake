# OpenSSL 3: SHA-256, TLS. Debian libssl-dev.
find_package(OpenSSL REQUIRED)
