// CloudTrail records as AWS delivers them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "replay/random.h"

namespace sightline::replay {

inline constexpr std::string_view kAccountId = "629845012331";

// Who made a call.
struct Caller {
  enum class Kind : std::uint8_t { iam_user, assumed_role, aws_service };
  Kind kind = Kind::assumed_role;
  std::string name;          // user, role, or service's host name
  std::string session;       // of a role
  std::string principal_id;  // AROA… or AIDA…
  std::string access_key;
  std::string address;
  std::string user_agent;
  bool mfa = false;
  bool instance_profile = false;  // the role's credentials came from the metadata service of an instance

  // assumed-role/ROLE/SESSION, or empty.
  std::string arn_role() const;
};

// One call. The JSON parts are complete values or empty for null.
struct ApiCall {
  std::string_view name;
  std::string_view source;  // without ".amazonaws.com"
  std::string_view region = "us-east-1";
  bool read_only = true;
  bool data_event = false;
  std::string_view request;
  std::string_view response;
  std::string_view resources;  // an array
  std::string_view error_code;
  std::string_view error_message;
};

// Appends one JSON object on one line, without a line feed. `time_ms` is cut to the second, as CloudTrail does.
// Not thread-safe: remembers the text of the last second.
class CloudTrailRecords {
 public:
  // The record's eventID.
  std::string append(std::string& out, std::int64_t time_ms, const Caller& caller, const ApiCall& call, Random& random);

 private:
  std::string_view second_text(std::int64_t time_ms);

  std::int64_t second_ = -1;
  std::string second_text_;
};

}  // namespace sightline::replay
