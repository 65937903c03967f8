# libaudit: names of system calls, errno values and message types. Debian libaudit-dev.
find_package(PkgConfig REQUIRED)
pkg_check_modules(AUDIT REQUIRED IMPORTED_TARGET audit)
