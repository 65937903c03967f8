#include "server/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "server/committer.h"

namespace sightline::server {

namespace {

constexpr std::size_t kMaxFindings = 1'000;
constexpr std::uint32_t kMaxDamage = 100;
constexpr std::uint32_t kPage = 500;
// Batches are read together up to about as many events.
constexpr std::uint64_t kEventsARead = 20'000;
constexpr std::uint64_t kMaxFailedReads = 32;

std::string short_hex(const Sha256Digest& digest) { return to_hex(digest).substr(0, 16) + "…"; }

std::string key_text(const BatchKey& key) {
  return fmt::format("{} {}/{}/{}", key.principal, key.source, key.epoch, key.sequence);
}

class Verifier {
 public:
  Verifier(store::EventStore& store, control::ControlStore& control, const VerifyOptions& options)
      : store_(store), control_(control), options_(options) {}

  Result<VerifyReport> run() {
    const auto end = control_.manifests().end();
    if (!end) return std::unexpected(end.error());
    report_.head = end->last;
    if (const auto read = read_removals(); !read) return std::unexpected(read.error());
    if (const auto read = read_headers(); !read) return std::unexpected(read.error());
    if (const auto walked = walk_manifests(); !walked) return std::unexpected(walked.error());
    check_end("manifest", *end);
    check_unknown_batches();
    check_search_gaps();
    if (const auto walked = walk_audit_log(); !walked) return std::unexpected(walked.error());
    check_doubts();
    check_tokens();
    check_damage();
    check_noted_heads();
    return std::move(report_);
  }

 private:
  void add(FindingKind kind, std::uint64_t batch, std::string detail) {
    ++report_.finding_count;
    if (report_.findings.size() < kMaxFindings) report_.findings.push_back({kind, batch, std::move(detail)});
  }

  bool stopped() const { return options_.stop.stop_requested(); }

  std::unexpected<Error> stopped_early() const {
    return fail(ErrorCode::cancelled, fmt::format("stopped after {} of {} batches, with {} findings so far",
                                                  report_.batches, report_.head.number, report_.finding_count));
  }

  Result<void> read_headers() {
    auto headers = store_.batches_from(0);
    if (!headers) return std::unexpected(headers.error());
    for (store::BatchHeader& header : *headers) headers_[header.number].push_back(std::move(header));
    return {};
  }

  // Whatever is not in the audit log, whose chain is checked below, was not removed by retention. Goes on from the
  // entry that it came to before.
  Result<void> read_removals() {
    for (;;) {
      const auto page = control_.audit_log().read_range(next_removal_entry_, kPage);
      if (!page) return std::unexpected(page.error());
      for (const control::AuditEntry& entry : *page) {
        if (const auto removal = control::parse_removal(entry)) removals_.push_back(*removal);
      }
      if (!page->empty()) next_removal_entry_ = page->back().number + 1;
      if (page->size() < kPage) return {};
    }
  }

  bool is_removed(const control::Manifest& manifest) const {
    return manifest.event_count > 0 &&
           std::ranges::any_of(removals_, [&](const control::Removal& removal) { return removal.covers(manifest); });
  }

  Result<void> walk_manifests() {
    Sha256Digest link{};
    std::uint64_t expected = 1;
    for (;;) {
      auto page = control_.manifests().read_range(expected, kPage);
      if (!page) return std::unexpected(page.error());
      const bool last = page->size() < kPage;
      std::erase_if(*page, [&](const control::Manifest& manifest) { return manifest.number > report_.head.number; });
      for (const control::Manifest& manifest : *page) {
        if (manifest.number != expected) {
          add(FindingKind::manifest_missing, expected,
              fmt::format("the manifests {} to {} are not there", expected, manifest.number - 1));
        }
        check_link(link, manifest);
        link = manifest.link;
        expected = manifest.number + 1;
      }
      check_page(*page);
      if (stopped()) return stopped_early();
      if (last) break;
    }
    if (expected <= report_.head.number) {
      add(FindingKind::manifest_missing, expected,
          fmt::format("the manifests {} to {} are not there", expected, report_.head.number));
    }
    return {};
  }

  // Of the manifests, or of the audit log.
  void check_end(std::string_view link, const control::ChainEnd& end) {
    if (end.last == end.kept) return;
    add(FindingKind::chain_cut, end.last.number,
        end.kept.number > end.last.number
            ? fmt::format("{0} {1} is the last one there, but {2} were written", link, end.last.number, end.kept.number)
            : fmt::format("{} {} is the last one there, and not the one that was written last", link, end.last.number));
  }

  void check_page(std::span<const control::Manifest> page) {
    while (!page.empty() && !stopped()) {
      std::uint64_t events = page.front().event_count;
      std::size_t count = 1;
      while (count < page.size() && events + page[count].event_count <= kEventsARead) {
        events += page[count++].event_count;
      }
      check_batches(page.first(count));
      page = page.subspan(count);
    }
  }

  // Reads them at once; where that fails, by halves, so that the failure is pinned to its batch. A damaged file can
  // take thousands of batches with it, and each failing read is slow: after some, what fails is reported as a range.
  void check_batches(std::span<const control::Manifest> manifests) {
    std::map<std::uint64_t, Contents> contents;
    const auto read =
        store_.read_batches(manifests.front().number, manifests.back().number,
                            [&](const store::StoredBatch& batch) { contents[batch.number] = contents_of(batch); });
    if (!read && manifests.size() > 1 && ++failed_reads_ <= kMaxFailedReads) {
      check_batches(manifests.first(manifests.size() / 2));
      check_batches(manifests.subspan(manifests.size() / 2));
      return;
    }
    if (!read) {
      add(FindingKind::unreadable, manifests.front().number,
          fmt::format("batches {} to {}: {}", manifests.front().number, manifests.back().number, read.error().message));
    }
    for (const control::Manifest& manifest : manifests) {
      if (is_removed(manifest)) {
        check_removed(manifest);
      } else {
        check_header(manifest);
        if (read && !was_removed_meanwhile(manifest, contents[manifest.number].count)) {
          check_events(manifest, contents[manifest.number]);
        }
      }
      check_alerts(manifest);
      ++report_.batches;
      if (options_.progress) options_.progress(manifest.number, report_.head.number);
    }
  }

  // Beside a running server, retention may take a batch after its entries were read here.
  bool was_removed_meanwhile(const control::Manifest& manifest, std::uint64_t stored_events) {
    if (!options_.online || stored_events == manifest.event_count) return false;
    if (const auto read = read_removals(); !read || !is_removed(manifest)) return false;
    check_removed(manifest);
    return true;
  }

  bool is_stored(std::uint64_t number) {
    bool stored = false;
    const auto read = store_.read_batches(number, number, [&](const store::StoredBatch&) { stored = true; });
    return stored || !read;
  }

  // Its events may have gone after the headers were read.
  void check_removed(const control::Manifest& manifest) {
    ++report_.removed_batches;
    report_.removed_events += manifest.event_count;
    if (headers_.erase(manifest.number) == 0 || !is_stored(manifest.number)) return;
    add(FindingKind::removed_present, manifest.number,
        "the audit log says that retention removed it, but events of it are there (a running server tries again)");
  }

  // What is left of a batch's events once they are out of memory.
  struct Contents {
    std::uint64_t count = 0;
    Sha256Digest hash{};
    std::vector<EventId> ids;
    std::string oddity;
  };

  static Contents contents_of(const store::StoredBatch& batch) {
    Contents contents{batch.events.size(), content_hash(batch.events), {}, batch.oddity};
    for (const Event& event : batch.events) contents.ids.push_back(event.id);
    return contents;
  }

  void check_link(const Sha256Digest& previous, const control::Manifest& manifest) {
    if (options_.expect_head && manifest.link == *options_.expect_head) head_seen_ = true;
    const Sha256Digest expected = control::chain_link(previous, manifest);
    if (manifest.link == expected) return;
    add(FindingKind::manifest_changed, manifest.number,
        fmt::format("its link is {} but follows as {} from its fields and the manifest before",
                    short_hex(manifest.link), short_hex(expected)));
  }

  void check_header(const control::Manifest& manifest) {
    const auto found = headers_.find(manifest.number);
    if (found == headers_.end()) return;  // the events count
    for (const store::BatchHeader& header : found->second) {
      if (!(header.key == manifest.key)) {
        add(FindingKind::header_changed, manifest.number,
            fmt::format("stored as {}, committed as {}", key_text(header.key), key_text(manifest.key)));
      } else if (header.body_hash != manifest.body_hash || header.format != manifest.format ||
                 header.received_time_ms != manifest.received_time_ms) {
        add(FindingKind::header_changed, manifest.number,
            "body hash, format or received_time in the store are not those committed");
      }
    }
    headers_.erase(found);
  }

  void check_events(const control::Manifest& manifest, const Contents& contents) {
    report_.events += contents.count;
    if (contents.count != manifest.event_count) {
      const bool fewer = contents.count < manifest.event_count;
      add(fewer ? FindingKind::events_missing : FindingKind::events_extra, manifest.number,
          fmt::format("{} events were committed, {} are there", manifest.event_count, contents.count));
    } else if (contents.hash != manifest.content_hash) {
      add(FindingKind::content_changed, manifest.number, describe_change(contents, manifest));
    }
    if (!contents.oddity.empty()) add(FindingKind::form_changed, manifest.number, contents.oddity);
  }

  // Ids tell which event is out of place; a change inside an event can only be pinned to the batch.
  static std::string describe_change(const Contents& contents, const control::Manifest& manifest) {
    for (std::uint64_t index = 0; index < contents.count; ++index) {
      if (contents.ids[index] == make_event_id(manifest.key, index)) continue;
      return fmt::format("event {} of {} is another one ({})", index, contents.count,
                         sightline::to_string(contents.ids[index]));
    }
    return fmt::format("its {} events hash to {}, committed was {}", contents.count, short_hex(contents.hash),
                       short_hex(manifest.content_hash));
  }

  void check_alerts(const control::Manifest& manifest) {
    const auto opened = control_.alerts().opened_by_batch(manifest.number);
    if (!opened) {
      add(FindingKind::unreadable, manifest.number, opened.error().message);
      return;
    }
    report_.alerts += opened->size();
    if (control::hash_alerts(*opened) == manifest.alerts_hash) return;
    add(FindingKind::alerts_changed, manifest.number,
        fmt::format("the {} alerts it opened, or their events, are not as they were", opened->size()));
  }

  // What is left has no manifest.
  void check_unknown_batches() {
    for (const auto& [number, headers] : headers_) {
      if (options_.online && number > report_.head.number) continue;
      add(FindingKind::batch_unknown, number,
          fmt::format("in the store as {}, but never committed{}", key_text(headers.front().key),
                      number > report_.head.number ? " (the next start of the server recovers it)" : ""));
    }
  }

  void check_search_gaps() {
    const auto gaps = store_.search_gaps();
    if (!gaps) return add(FindingKind::unreadable, 0, gaps.error().message);
    for (const std::string& gap : *gaps) add(FindingKind::search_gap, 0, gap);
  }

  // As far as it went when this began: somebody may be writing to it.
  Result<void> walk_audit_log() {
    const auto end = control_.audit_log().end();
    if (!end) return std::unexpected(end.error());
    report_.audit_head = end->last;
    Sha256Digest link{};
    for (std::uint64_t expected = 1; expected <= end->last.number;) {
      if (stopped()) return stopped_early();
      const auto page = control_.audit_log().read_range(expected, kPage);
      if (!page) return std::unexpected(page.error());
      if (page->empty()) break;
      for (const control::AuditEntry& entry : *page) {
        if (entry.number > end->last.number) break;
        check_entry(link, expected, entry);
        link = entry.link;
        expected = entry.number + 1;
      }
    }
    check_end("entry of the audit log", *end);
    return {};
  }

  void check_entry(const Sha256Digest& previous, std::uint64_t expected, const control::AuditEntry& entry) {
    ++report_.audit_entries;
    if (options_.expect_audit_head && entry.link == *options_.expect_audit_head) audit_head_seen_ = true;
    if (entry.number == expected && entry.link == control::audit_link(previous, entry)) return;
    add(FindingKind::audit_log_changed, expected, fmt::format("entry {} of the audit log was changed", expected));
  }

  void check_doubts() {
    const auto doubts = control_.alerts().doubts(kMaxFindings);
    if (!doubts) {
      add(FindingKind::unreadable, 0, doubts.error().message);
      return;
    }
    for (const control::AlertDoubt& doubt : *doubts) {
      const bool planted = doubt.kind == control::AlertDoubt::Kind::planted;
      add(planted ? FindingKind::alert_planted : FindingKind::status_changed, doubt.batch, doubt.detail);
    }
  }

  void check_tokens() {
    const auto doubts = control_.tokens().doubts(kMaxFindings);
    if (!doubts) return add(FindingKind::unreadable, 0, doubts.error().message);
    for (const std::string& doubt : *doubts) add(FindingKind::token_changed, 0, doubt);
  }

  void check_damage() {
    const auto damage = control_.damage(kMaxDamage);
    if (!damage) {
      add(FindingKind::unreadable, 0, damage.error().message);
      return;
    }
    for (const std::string& line : *damage) add(FindingKind::damaged, 0, line);
  }

  void check_noted_heads() {
    if (options_.expect_head && !head_seen_) {
      add(FindingKind::head_unexpected, 0,
          fmt::format("no batch has the link {}: the chain was rewritten or cut short", to_hex(*options_.expect_head)));
    }
    if (options_.expect_audit_head && !audit_head_seen_) {
      add(FindingKind::audit_head_unexpected, 0,
          fmt::format("no entry of the audit log has the link {}: it was rewritten or cut short",
                      to_hex(*options_.expect_audit_head)));
    }
  }

  store::EventStore& store_;
  control::ControlStore& control_;
  const VerifyOptions& options_;
  VerifyReport report_;
  // By number; a number with several headers was tampered with. Those that have a manifest are taken out as they come.
  std::map<std::uint64_t, std::vector<store::BatchHeader>> headers_;
  std::vector<control::Removal> removals_;
  std::uint64_t next_removal_entry_ = 1;
  bool head_seen_ = false;
  bool audit_head_seen_ = false;
  std::uint64_t failed_reads_ = 0;
};

}  // namespace

std::string_view to_string(FindingKind kind) {
  switch (kind) {
    case FindingKind::content_changed:
      return "content changed";
    case FindingKind::form_changed:
      return "stored form changed";
    case FindingKind::search_gap:
      return "passed over by searches";
    case FindingKind::events_missing:
      return "events missing";
    case FindingKind::events_extra:
      return "extra events";
    case FindingKind::header_changed:
      return "batch header changed";
    case FindingKind::manifest_changed:
      return "manifest changed";
    case FindingKind::manifest_missing:
      return "manifest missing";
    case FindingKind::chain_cut:
      return "chain cut short";
    case FindingKind::alerts_changed:
      return "alerts changed";
    case FindingKind::alert_planted:
      return "alert that no batch opened";
    case FindingKind::status_changed:
      return "alert status changed";
    case FindingKind::batch_unknown:
      return "batch without manifest";
    case FindingKind::removed_present:
      return "removed batch still there";
    case FindingKind::unreadable:
      return "unreadable";
    case FindingKind::audit_log_changed:
      return "audit log changed";
    case FindingKind::token_changed:
      return "token changed";
    case FindingKind::damaged:
      return "control database damaged";
    case FindingKind::audit_head_unexpected:
      return "head not in the audit log";
    case FindingKind::head_unexpected:
      break;
  }
  return "head not in the chain";
}

Result<VerifyReport> verify(store::EventStore& store, control::ControlStore& control, const VerifyOptions& options) {
  return Verifier(store, control, options).run();
}

}  // namespace sightline::server
