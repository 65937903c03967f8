#include "store/clickhouse/event_layout.h"

#include <algorithm>
#include <map>
#include <utility>

#include "store/clickhouse/text_hash.h"

namespace sightline::store::clickhouse {
namespace {

constexpr std::size_t kMaxMet = 10'000;

// Equal for events of which hash_path says the same, and rarely for others.
template <class HashPath>
std::uint64_t signature_of(const Event& event, HashPath hash_path) {
  std::uint64_t signature = event.fields().size();
  for (const FieldValue& value : event.fields()) {
    signature = combine_hashes(signature, static_cast<std::uint64_t>(value.field));
  }
  for (const Attribute& attribute : event.attributes()) {
    signature = combine_hashes(signature, hash_path(attribute.path) + static_cast<std::uint64_t>(attribute.kind));
  }
  return signature;
}

std::uint64_t address_of(std::string_view path) { return reinterpret_cast<std::uintptr_t>(path.data()); }

bool have_same_paths(const Event& left, const Event& right) {
  const auto is_same = [](const Attribute& one, const Attribute& other) {
    return one.path.data() == other.path.data() && one.path.size() == other.path.size() && one.kind == other.kind;
  };
  return std::ranges::equal(left.fields(), right.fields(), {}, &FieldValue::field, &FieldValue::field) &&
         std::ranges::equal(left.attributes(), right.attributes(), is_same);
}

std::vector<MixedPath> find_mixed(const Event& event) {
  std::map<std::string_view, std::string> kinds;
  for (const Attribute& attribute : event.attributes()) {
    kinds[attribute.path] += attribute.kind == Attribute::Kind::number ? 'n' : 't';
  }
  std::vector<MixedPath> mixed;
  for (const auto& [path, sequence] : kinds) {
    const bool both = sequence.find('n') != std::string::npos && sequence.find('t') != std::string::npos;
    if (both) mixed.push_back({std::string(path), sequence});
  }
  return mixed;
}

// What a layout takes once its attributes have a plan.
std::size_t memory_of(const EventLayout& layout) {
  constexpr std::size_t kAttributeBytes =
      sizeof(std::string) + sizeof(Attribute::Kind) + sizeof(AttributePlan::Value) + kKeyBytes;
  constexpr std::size_t kNodeBytes = 128;  // of the table, and what the allocator adds
  std::size_t bytes = sizeof(EventLayout) + kNodeBytes + layout.fields.size() + layout.layout.size();
  for (const std::string& path : layout.paths) bytes += kAttributeBytes + path.size();
  return bytes;
}

}  // namespace

std::string layout_of(const Event& event) {
  FieldSet fields;
  for (const FieldValue& value : event.fields()) fields.set(static_cast<std::size_t>(value.field));
  return to_layout(fields, find_mixed(event));
}

bool EventLayout::fits(const Event& event) const {
  return std::ranges::equal(fields, event.fields(), {}, {}, &FieldValue::field) &&
         std::ranges::equal(kinds, event.attributes(), {}, {}, &Attribute::kind) &&
         std::ranges::equal(paths, event.attributes(), {}, {}, &Attribute::path);
}

void EventLayouts::begin_batch() {
  unkept_.reset();
  met_.clear();
  if (count_ < max_layouts_ / 2 && bytes_ < max_bytes_ / 2) return;
  layouts_.clear();
  count_ = 0;
  bytes_ = 0;
}

EventLayout& EventLayouts::of(const Event& event) {
  const std::uint64_t signature = signature_of(event, address_of);
  const auto met = met_.find(signature);
  if (met != met_.end() && have_same_paths(*met->second.event, event)) return *met->second.layout;
  EventLayout& layout = look_up(event);
  if (layout.is_kept && met_.size() < kMaxMet) met_[signature] = {&event, &layout};
  return layout;
}

EventLayout& EventLayouts::look_up(const Event& event) {
  const std::uint64_t signature = signature_of(event, hash_text);
  if (const auto found = layouts_.find(signature); found != layouts_.end()) {
    for (const std::unique_ptr<EventLayout>& layout : found->second) {
      if (layout->fits(event)) return *layout;
    }
  }
  std::unique_ptr<EventLayout> made = make(event);
  const std::size_t bytes = memory_of(*made);
  if (count_ >= max_layouts_ || bytes_ + bytes > max_bytes_) {
    unkept_ = std::move(made);
    unkept_->is_kept = false;
    return *unkept_;
  }
  ++count_;
  bytes_ += bytes;
  return *layouts_[signature].emplace_back(std::move(made));
}

std::unique_ptr<EventLayout> EventLayouts::make(const Event& event) {
  auto layout = std::make_unique<EventLayout>();
  for (const FieldValue& value : event.fields()) {
    layout->fields.push_back(value.field);
    layout->field_set.set(static_cast<std::size_t>(value.field));
  }
  for (const Attribute& attribute : event.attributes()) {
    layout->paths.emplace_back(attribute.path);
    layout->kinds.push_back(attribute.kind);
  }
  layout->layout = to_layout(layout->field_set, find_mixed(event));
  return layout;
}

}  // namespace sightline::store::clickhouse
