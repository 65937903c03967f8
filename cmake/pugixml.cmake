# pugixml: reports of rule tests as JUnit XML. Debian libpugixml-dev.
find_package(pugixml REQUIRED)
