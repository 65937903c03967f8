# libchdb: the embedded ClickHouse engine, from the npm package pinned in deps/package-lock.json (npm ci --prefix deps).
find_library(CHDB_LIBRARY NAMES libchdb.so
  PATHS ${CMAKE_SOURCE_DIR}/deps/node_modules/@chdb/lib-linux-x64-gnu NO_DEFAULT_PATH NO_CACHE)
if(NOT CHDB_LIBRARY)
  message(FATAL_ERROR "libchdb.so is missing: run 'npm ci --prefix deps' (./run and ./test do that)")
endif()
add_library(chdb::chdb SHARED IMPORTED)
set_target_properties(chdb::chdb PROPERTIES IMPORTED_LOCATION ${CHDB_LIBRARY} IMPORTED_NO_SONAME ON)
