// Where telemetry of this host comes from: the kernel's audit socket, a file that grows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "agent/loss/loss.h"
#include "base/error.h"

namespace sightline::agent {

// What a source hands on to.
class Collected {
 public:
  virtual ~Collected() = default;
  // One event, whole, as the server's decoder of the source's format takes it, its last line with its end. `time_ms`:
  // since 1970, UTC; about when it happened.
  virtual void event(std::string_view bytes, std::int64_t time_ms) = 0;
  // `loss.source` is filled in, and times that are 0: now.
  virtual void lost(Loss loss) = 0;
};

// Used by one thread.
class Source {
 public:
  virtual ~Source() = default;

  virtual std::string_view name() const = 0;    // among the sources of the agent
  virtual std::string_view format() const = 0;  // below /v1/ingest/

  // Readable when there is something; -1: collect() is to be called now and then.
  virtual int descriptor() const = 0;
  // Whether what it has stays where it is until it is collected. Then nothing is collected while the spool is full.
  virtual bool can_wait() const = 0;

  struct Progress {
    bool any = false;   // something came
    bool more = false;  // there may be more
  };
  // Hands on what there is, without waiting; a bounded part of it.
  // Errors: the source has failed for now (the message says how) and may be asked again.
  virtual Result<Progress> collect(Collected& out) = 0;

  // Whether it holds something back to see if more of it comes.
  virtual bool holds_back() const = 0;
  // Nothing came for that long: hands on what need not wait longer.
  virtual void idle(std::int64_t idle_ms, Collected& out) = 0;
  // The agent stops: hands on everything.
  virtual void finish(Collected& out) = 0;

  // Where a later run goes on so that what was handed on so far neither comes again nor is missed: made of digits,
  // letters and blanks.
  virtual std::string cursor() const = 0;
};

}  // namespace sightline::agent
