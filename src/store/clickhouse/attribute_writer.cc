#include "store/clickhouse/attribute_writer.h"

#include <algorithm>

#include "store/clickhouse/stored_value.h"
#include "store/clickhouse/text_hash.h"

namespace sightline::store::clickhouse {
namespace {

constexpr std::size_t kMaxWordBytes = 512;       // a longer value would bloat the dictionary
constexpr std::uint32_t kSampledValues = 100;    // tell whether nearly every value is another
constexpr std::uint32_t kEnoughValues = 1500;    // tell how often values come again
constexpr std::uint32_t kMinUses = 8;            // of a value, on average, that make a dictionary worth it
constexpr std::size_t kMaxSampled = 200'000;     // hashes in memory at a time
constexpr std::uint32_t kForgetAfter = 1 << 20;  // values; older ones count half

void append_key(std::string& keys, std::uint32_t key) { keys += key_bytes(key); }

}  // namespace

const AttributePlan& AttributePlanner::plan(EventLayout& layout) {
  AttributePlan& plan = layout.attributes;
  if (plan.made_for == version_) return plan;
  plan = {};
  plan.made_for = version_;
  std::string scratch;
  std::vector<AttributePlan::Value> values;
  for (std::uint32_t i = 0; i < layout.paths.size(); ++i) {
    const std::uint32_t key = keys_.find_or_add(to_attribute_key(layout.paths[i], layout.kinds[i], scratch));
    if (key == AttributeKeys::kNone) {
      plan.unnumbered.push_back(i);
    } else {
      values.push_back({i, key});
    }
  }
  usage_.resize(std::max(usage_.size(), keys_.size()));
  std::ranges::stable_sort(values, {}, &AttributePlan::Value::key);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::uint32_t key = values[i].key;
    if (i > 0 && values[i - 1].key == key) keys_[key].repeated = true;
    const bool plain = usage_[key].plain;
    (plain ? keys_[key].in_texts : keys_[key].in_words) = true;
    (plain ? plan.texts : plan.words).push_back(values[i]);
    append_key(plain ? plan.text_keys : plan.word_keys, key);
  }
  return plan;
}

void AttributePlanner::count(std::uint32_t key, bool is_new) {
  ++usage_[key].values;
  usage_[key].distinct += is_new ? 1 : 0;
}

void AttributePlanner::sample(const Event& event, EventLayout& layout) {
  const AttributePlan& made = plan(layout);
  for (const AttributePlan::Value& value : made.words) {
    Usage& usage = usage_[value.key];
    if (usage.values >= kSampledValues || sampled_ >= kMaxSampled) continue;
    ++usage.values;
    const bool is_new = usage.sampled.insert(hash_text(event.attributes()[value.position].text)).second;
    usage.distinct += is_new ? 1 : 0;
    sampled_ += is_new ? 1 : 0;
  }
}

void AttributePlanner::judge() {
  const bool forget = sampled_ >= kMaxSampled;  // keys that came once or twice would keep the room for ever
  if (forget) sampled_ = 0;
  for (Usage& usage : usage_) {
    if (forget) usage.sampled = {};
    if (usage.plain || usage.values < kSampledValues) continue;
    sampled_ -= usage.sampled.size();
    usage.sampled = {};
    const bool is_unique = usage.distinct > usage.values / 10 * 9;
    if (is_unique || (usage.values >= kEnoughValues && usage.distinct > usage.values / kMinUses)) {
      usage.plain = true;
      ++version_;
    }
    if (usage.values > kForgetAfter) {
      usage.values /= 2;
      usage.distinct /= 2;
    }
  }
}

AttributeColumns::Row AttributeColumns::add(const Event& event, EventLayout& layout, AttributeKeys& keys,
                                            AttributePlanner& planner) {
  const AttributePlan& plan = planner.plan(layout);
  const auto text_of = [&](const AttributePlan::Value& value) { return event.attributes()[value.position].text; };
  const bool has_long = std::ranges::any_of(
      plan.words, [&](const AttributePlan::Value& value) { return text_of(value).size() > kMaxWordBytes; });
  if (has_long) {
    add_long(event, plan, keys);
    return {.word_keys = {}, .text_keys = long_keys_, .unnumbered = plan.unnumbered, .as_planned = false};
  }
  for (const AttributePlan::Value& value : plan.words) planner.count(value.key, words.elements().add(text_of(value)));
  for (const AttributePlan::Value& value : plan.texts) texts.elements().add(text_of(value));
  words.end_row();
  texts.end_row();
  return {.word_keys = plan.word_keys, .text_keys = plan.text_keys, .unnumbered = plan.unnumbered};
}

// All values of the row become plain text: a key's values stay together.
void AttributeColumns::add_long(const Event& event, const AttributePlan& plan, AttributeKeys& keys) {
  std::vector<AttributePlan::Value> values = plan.words;
  values.insert(values.end(), plan.texts.begin(), plan.texts.end());
  std::ranges::stable_sort(values, {}, &AttributePlan::Value::key);
  long_keys_.clear();
  for (const AttributePlan::Value& value : values) {
    texts.elements().add(event.attributes()[value.position].text);
    keys[value.key].in_texts = true;
    append_key(long_keys_, value.key);
  }
  words.end_row();
  texts.end_row();
}

}  // namespace sightline::store::clickhouse
