#include "sources/audit/fields.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

#include "sources/audit/keys.h"
#include "sources/audit/value.h"

namespace sightline::audit {

namespace {

constexpr std::size_t kMaxKeySize = 64;
constexpr std::size_t kMaxRuleKeys = 256;  // the kernel holds 256 bytes of them

bool is_key(std::string_view key) {
  return key.size() <= kMaxKeySize && std::ranges::all_of(key, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
                  c == '.';
         });
}

bool is_address(std::string_view text) {
  char terminated[INET6_ADDRSTRLEN];
  if (text.size() >= sizeof terminated) return false;
  std::memcpy(terminated, text.data(), text.size());
  terminated[text.size()] = '\0';
  in6_addr address;
  return inet_pton(AF_INET, terminated, &address) == 1 || inet_pton(AF_INET6, terminated, &address) == 1;
}

// What the audit daemon writes where it found no name.
bool is_no_name(std::string_view name) {
  return name == "unset" || name.starts_with("unknown(") || name.starts_with("unknown-");
}

class RecordMapper {
 public:
  RecordMapper(const Record& record, EventState& state) : record_(record), state_(state), draft_(state.draft) {}

  void map_all() {
    for (const Field& field : record_.fields) {
      if (field.enriched && is_no_name(field.value)) continue;
      if (field.id == Key::other) {
        map_unknown(field);
      } else if (!is_null(field)) {
        map(key_info(field.id), field);
      }
    }
  }

  void map_unknown(const Field& field) {
    if (!is_key(field.key)) return;  // free text that happens to hold a '='; it stays in the original
    if (!is_schema_name(field.key)) return draft_.add_attribute(field.key, field, Encoding::plain);
    if (!is_null(field)) draft_.add_native_attribute(field.key, field.value);
  }

 private:
  void map(const KeyInfo& info, const Field& field) {
    switch (info.key) {
      case Key::arch:
        return keep_first(state_.arch_text, info, field);
      case Key::syscall:
        return keep_first(state_.syscall_text, info, field);
      case Key::name_arch:
        return keep_first(state_.arch_name, info, field);
      case Key::name_syscall:
        return keep_first(state_.syscall_name, info, field);
      case Key::success:
      case Key::res:
      case Key::result:
        return map_success(info, field);
      case Key::auid:
      case Key::ses:
        return map_integer_to(info.field, info, field.value == "-1" ? "4294967295" : field.value);
      case Key::key:
        return map_rule_keys(field);
      case Key::proctitle:
        return map_proctitle(info, field);
      case Key::path:
        return draft_.add_text(FieldId::path, decode_text(field, draft_.arena()));
      case Key::name_auid:
      case Key::name_uid:
      case Key::name_euid:
        return map_text(info, field);
      case Key::name_gid:
        return draft_.add_text(FieldId::group, field.value);
      default:
        return map_by_record(info, field);
    }
  }

  // Keys whose meaning depends on the type of record.
  void map_by_record(const KeyInfo& info, const Field& field) {
    switch (record_.type) {
      case RecordType::syscall:
      case RecordType::uringop:
        return map_call(info, field);
      case RecordType::sockaddr:
        if (info.key == Key::saddr) return keep_first(state_.socket_address, info, field);
        if (info.key == Key::name_saddr) return;  // the daemon's reading of saddr
        break;
      case RecordType::openat2:
        if (info.key == Key::oflag) state_.open_flags = parse_octal(field.value);
        break;
      case RecordType::netfilter_pkt:
        return map_packet(info, field);
      case RecordType::kern_module:
        if (info.key == Key::name) return draft_.add_attribute("module", field, Encoding::text);
        break;
      default:
        return map_message(info, field);
    }
    map_simple(info, field);
  }

  void map_call(const KeyInfo& info, const Field& field) {
    switch (info.key) {
      case Key::a0:
      case Key::a1:
      case Key::a2:
      case Key::a3:
        state_.arguments[static_cast<std::size_t>(info.key) - static_cast<std::size_t>(Key::a0)] = field.value;
        break;
      case Key::items:
        state_.items = unsigned_number(field.value);
        break;
      case Key::uring_op:
        state_.uring_operation = unsigned_number(field.value);
        break;
      default:
        break;
    }
    map_simple(info, field);
  }

  void map_packet(const KeyInfo& info, const Field& field) {
    switch (info.key) {
      case Key::saddr:
        return map_text_to(FieldId::src_ip, info, field);
      case Key::daddr:
        return map_text_to(FieldId::dst_ip, info, field);
      case Key::sport:
        return map_integer_to(FieldId::src_port, info, field.value);
      case Key::dport:
        return map_integer_to(FieldId::dst_port, info, field.value);
      case Key::proto:
        return map_protocol(info, field);
      default:
        return map_simple(info, field);
    }
  }

  // Programs' own messages, and whatever else the kernel says.
  void map_message(const KeyInfo& info, const Field& field) {
    switch (info.key) {
      case Key::addr:
      case Key::laddr:
        if (!is_address(field.value)) return add_attribute(info, field);
        break;
      case Key::hostname:
        if (is_address(field.value)) state_.remote_host = field.value;
        break;
      case Key::terminal:
        state_.terminal = field.value;
        break;
      case Key::grantors:
        state_.grantors = field.value;
        break;
      case Key::kind:
        state_.key_kind = field.value;
        break;
      case Key::name_id:
        state_.account_name = field.value;
        return;
      case Key::fp:
        if (record_.type != RecordType::crypto_key_user) return add_attribute(info, field);
        break;
      default:
        break;
    }
    map_simple(info, field);
  }

  void map_simple(const KeyInfo& info, const Field& field) {
    if (info.field == kNoField) return add_attribute(info, field);
    if (info.field_type == FieldType::integer) return map_integer(info, field);
    map_text(info, field);
  }

  void add_attribute(const KeyInfo& info, const Field& field) {
    draft_.add_attribute(info.attribute, field, info.encoding);
  }

  void map_text(const KeyInfo& info, const Field& field) { map_text_to(info.field, info, field); }
  void map_integer(const KeyInfo& info, const Field& field) { map_integer_to(info.field, info, field.value); }

  void map_text_to(FieldId target, const KeyInfo& info, const Field& field) {
    const std::string_view value = info.encoding == Encoding::text ? decode_text(field, draft_.arena()) : field.value;
    if (!draft_.set_text(target, value)) draft_.add_native_attribute(info.name, value);
  }

  void map_integer_to(FieldId target, const KeyInfo& info, std::string_view text) {
    const std::optional<std::int64_t> value = parse_integer(text);
    if (!value) return draft_.add_malformed(target, text);
    if (!draft_.set_integer(target, *value)) draft_.add_native_attribute(info.name, text);
  }

  void keep_first(std::string_view& kept, const KeyInfo& info, const Field& field) {
    if (kept.empty()) {
      kept = field.value;
    } else if (kept != field.value) {
      draft_.add_native_attribute(info.name, field.value);
    }
  }

  void map_success(const KeyInfo& info, const Field& field) {
    const std::string_view value = field.value;
    const bool yes = value == "yes" || value == "success" || value == "1";
    const bool no = value == "no" || value == "failed" || value == "fail" || value == "0";
    if (!yes && !no) return draft_.add_malformed(FieldId::success, value);
    if (!draft_.set_boolean(FieldId::success, yes)) draft_.add_native_attribute(info.name, value);
  }

  void map_protocol(const KeyInfo& info, const Field& field) {
    constexpr std::pair<std::string_view, std::string_view> kNames[] = {
        {"1", "icmp"}, {"6", "tcp"}, {"17", "udp"}, {"33", "dccp"}, {"58", "icmpv6"}, {"132", "sctp"}};
    const auto* found = std::ranges::find(kNames, field.value, &std::pair<std::string_view, std::string_view>::first);
    const std::string_view name = found == std::end(kNames) ? field.value : found->second;
    if (!draft_.set_text(FieldId::protocol, name)) draft_.add_native_attribute(info.name, field.value);
  }

  // Several keys of one rule are joined by 0x01. Some versions of auditctl left `key=` in front.
  void map_rule_keys(const Field& field) {
    std::string_view rest = decode_text(field, draft_.arena());
    for (std::size_t count = 0; count < kMaxRuleKeys; ++count) {
      const std::size_t end = rest.find('\x01');
      std::string_view key = rest.substr(0, end);
      if (key.starts_with("key=")) key.remove_prefix(4);
      if (!key.empty()) draft_.add_text(FieldId::key, key);
      if (end == std::string_view::npos) return;
      rest.remove_prefix(end + 1);
    }
  }

  // NULs separate the arguments.
  void map_proctitle(const KeyInfo& info, const Field& field) {
    std::string_view title = decode_text(field, draft_.arena());
    if (title.find('\0') != std::string_view::npos) {
      while (title.ends_with('\0')) title.remove_suffix(1);
      char* text = draft_.arena().allocate(title.size());
      std::ranges::replace_copy(title, text, '\0', ' ');
      title = {text, title.size()};
    }
    if (!draft_.set_text(FieldId::proctitle, title)) draft_.add_native_attribute(info.name, title);
  }

  static std::optional<std::uint64_t> unsigned_number(std::string_view text) {
    const std::optional<std::int64_t> value = parse_integer(text);
    return value && *value >= 0 ? std::optional(static_cast<std::uint64_t>(*value)) : std::nullopt;
  }

  const Record& record_;
  EventState& state_;
  EventDraft& draft_;
};

// avc:  denied  { read write } for
void map_access_vector(std::string_view text, EventDraft& draft) {
  for (const std::string_view result : {std::string_view("denied"), std::string_view("granted")}) {
    if (text.find(result) != std::string_view::npos) {
      draft.add_attribute("seresult", Attribute::Kind::text, result);
      break;
    }
  }
  const std::size_t open = text.find('{');
  const std::size_t close = text.find('}', open == std::string_view::npos ? 0 : open);
  if (open == std::string_view::npos || close == std::string_view::npos) return;
  std::string_view permissions = text.substr(open + 1, close - open - 1);
  while (!permissions.empty()) {
    const std::size_t start = std::min(permissions.find_first_not_of(' '), permissions.size());
    const std::size_t end = std::min(permissions.find(' ', start), permissions.size());
    if (end > start) draft.add_attribute("seperms", Attribute::Kind::text, permissions.substr(start, end - start));
    permissions.remove_prefix(end);
  }
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kIgnored = " ,:'";
  const std::size_t start = text.find_first_not_of(kIgnored);
  if (start == std::string_view::npos) return {};
  return text.substr(start, text.find_last_not_of(kIgnored) + 1 - start);
}

// "PAM: session open" of old versions is what newer ones write as op=PAM:session_open.
std::string_view operation_of(std::string_view text, Arena& arena) {
  constexpr std::string_view kPam = "PAM: ";
  if (!text.starts_with(kPam)) return text;
  char* operation = arena.allocate(text.size() - 1);
  char* end = std::copy_n(kPam.data(), kPam.size() - 1, operation);
  end = std::ranges::replace_copy(text.substr(kPam.size()), end, ' ', '_').out;
  return {operation, static_cast<std::size_t>(end - operation)};
}

void map_free_text(std::string_view untrimmed, const Record& record, EventDraft& draft) {
  const std::string_view text = trim(untrimmed);
  if (text.empty() || text == "user" || text == "login" || text == "tty") return;  // they repeat the record's type
  if (text.starts_with("avc")) return map_access_vector(text, draft);
  const bool message = is_single_record(record.type);
  if (message && !draft.has(FieldId::operation)) {
    draft.add_text(FieldId::operation, operation_of(text.substr(0, text.find(',')), draft.arena()));
  } else {
    draft.add_attribute("message", Attribute::Kind::text, text);
  }
}

}  // namespace

void map_record(const Record& record, EventState& state) {
  RecordMapper(record, state).map_all();
  if (!record.body.message_text.empty()) map_free_text(record.body.message_text, record, state.draft);
  if (!record.body.text.empty()) map_free_text(record.body.text, record, state.draft);
}

void map_attribute(const Field& field, EventState& state) {
  if (field.enriched && is_no_name(field.value)) return;
  if (field.id == Key::other) return RecordMapper({}, state).map_unknown(field);
  const KeyInfo& info = key_info(field.id);
  state.draft.add_attribute(info.attribute, field, info.encoding);
}

}  // namespace sightline::audit
