# utf8proc: display width and grapheme boundaries of text in a terminal. Debian libutf8proc-dev.
find_package(PkgConfig REQUIRED)
pkg_check_modules(UTF8PROC REQUIRED IMPORTED_TARGET libutf8proc)
