# SQLite through SQLiteCpp: control-plane state. Debian libsqlitecpp-dev, libsqlite3-dev.
find_package(SQLiteCpp REQUIRED)
