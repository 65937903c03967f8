#include "sources/audit/network.h"

#include <charconv>
#include <string>

#include "sources/audit/sockaddr.h"

namespace sightline::audit {

namespace {

void keep_raw(EventState& state) { state.draft.add_attribute("saddr", Attribute::Kind::text, state.socket_address); }

std::string_view family_text(const SocketAddress& address, Arena& arena) {
  return address.family_name.empty() ? arena.copy(std::to_string(address.family)) : address.family_name;
}

}  // namespace

void finish_network(EventState& state) {
  if (state.socket_address.empty()) return;
  EventDraft& draft = state.draft;
  const bool little_endian = state.arch == nullptr || state.arch->little_endian;
  const std::optional<SocketAddress> address = decode_sockaddr(state.socket_address, little_endian, draft.arena());
  if (!address) return keep_raw(state);
  draft.set_text(FieldId::address_family, family_text(*address, draft.arena()));
  const bool source = state.verb != nullptr && state.verb->side == AddressSide::source;
  if (!address->ip.empty()) draft.set_text(source ? FieldId::src_ip : FieldId::dst_ip, address->ip);
  if (address->port) draft.set_integer(source ? FieldId::src_port : FieldId::dst_port, *address->port);
  if (!address->path.empty()) draft.set_text(FieldId::socket_path, address->path);
  // The address of an inet socket does not tell tcp from udp.
  if (address->family_name == "unix" || address->family_name == "netlink") {
    draft.set_text(FieldId::protocol, address->family_name);
  }
  if (!address->complete) keep_raw(state);
}

}  // namespace sightline::audit
