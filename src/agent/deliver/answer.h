// What the server's answer to a batch means for the batch.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "http_client/http_client.h"

namespace sightline::agent {

struct Verdict {
  enum class Kind : std::uint8_t {
    stored,     // the server has it for good
    later,      // nothing is decided: send the same again
    unwelcome,  // the credential or the request does not do: send the same again once somebody had time to see to it
    refused,    // this batch will never be taken
  };
  Kind kind = Kind::later;
  std::optional<std::int64_t> retry_after_ms;  // the server asked for it
  std::uint64_t rejected = 0;                  // of what was stored: lines that went to the server's quarantine
  std::string reason;                          // for people
};

// What is not the answer of a Sightline server decides nothing: some proxy may have given it.
Verdict read_answer(const Result<HttpResponse>& response);

}  // namespace sightline::agent
