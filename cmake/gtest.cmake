# GoogleTest: unit tests. Debian libgtest-dev, libgmock-dev.
find_package(GTest REQUIRED)
