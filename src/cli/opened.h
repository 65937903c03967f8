// What commands that show a server's answers begin with.
#pragma once

#include "cli/client/connection.h"
#include "cli/view.h"

namespace sightline::cli {

struct Opened {
  Connection connection;
  TimeZone zone;
};

// Errors: those of TimeZone::named() and Connection::open().
inline Result<Opened> open_view(const ConnectionOptions& connection, const ViewOptions& view, Io& io) {
  Result<TimeZone> zone = TimeZone::named(view.time_zone);
  if (!zone) return std::unexpected(zone.error());
  Result<Connection> opened = Connection::open(connection, io);
  if (!opened) return std::unexpected(opened.error());
  return Opened{std::move(*opened), std::move(*zone)};
}

}  // namespace sightline::cli
