# Boost 1.81: Beast and Asio (HTTP), JSON (small documents). Debian libboost1.81-dev, libboost-json1.81-dev.
find_package(Boost 1.81 REQUIRED COMPONENTS json)
