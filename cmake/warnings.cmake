# Warnings are errors, for our own code only: dependencies come in as SYSTEM includes.
add_library(sightline_warnings INTERFACE)
target_compile_options(sightline_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wnull-dereference -Werror)
# GCC 12 reports false positives of these inside libstdc++ at -O2.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(sightline_warnings INTERFACE -Wno-error=null-dereference -Wno-null-dereference -Wno-restrict)
endif()
# Clang reports what libstdc++ 12's stable_sort uses inside itself; and members left out where others are named, which
# take their defaults on purpose (GCC agrees).
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(sightline_warnings INTERFACE
    -Wno-deprecated-declarations -Wno-missing-designated-field-initializers)
endif()
