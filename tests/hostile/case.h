// One thing that a hostile client does, and what must come of it.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "hostile/target.h"

namespace sightline::hostile {

// The bytes of a request, made when they are needed. "$admin", "$ingest", … in them stand for tokens (Target::fill_in).
class Bytes {
 public:
  Bytes(const char* text) : make_([text] { return std::string(text); }) {}
  Bytes(std::string text) : make_([text = std::move(text)] { return text; }) {}
  template <class Make>
    requires std::is_invocable_r_v<std::string, Make>
  Bytes(Make make) : make_(std::move(make)) {}

  std::string operator()() const { return make_(); }

 private:
  std::function<std::string()> make_;
};

// An outcome is the status of each answer, in order, and what became of the connection: "400 closed", "200 200 open",
// "closed". Open means that a proper request is answered on it afterwards.
struct Case {
  const char* kind;
  const char* name;
  const char* expected;
  Bytes bytes;
  bool large = false;  // only in the long run
};

// What a client does that is more than sending bytes: returns the outcome.
struct Play {
  const char* kind;
  const char* name;
  const char* expected;
  std::function<std::string(const Target&)> run;
  bool large = false;  // only in the long run
};

std::string outcome_of(const Case& wanted, const Target& target);

// The rest of a conversation of which `expected` is wanted: reads as many answers as that names, then finds out whether
// the connection is open.
std::string outcome_of(testing::RawClient& client, std::string_view expected);

// In files of these names.
std::vector<Case> cases_of_requests();
std::vector<Case> cases_of_bodies();
const std::vector<Play>& slow_clients();
const std::vector<Play>& tls_clients();

}  // namespace sightline::hostile
