# yaml-cpp: rule files. Debian libyaml-cpp-dev.
find_package(yaml-cpp REQUIRED)
