#include "replay/everyday_cloud.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "replay/cloud_templates.h"

namespace sightline::replay {
namespace {

constexpr std::string_view kGateway = "34.205.18.77";
constexpr std::string_view kKeyAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

constexpr std::array<std::string_view, 12> kServices{
    "ec2.amazonaws.com",           "lambda.amazonaws.com",
    "ecs-tasks.amazonaws.com",     "autoscaling.amazonaws.com",
    "config.amazonaws.com",        "cloudtrail.amazonaws.com",
    "delivery.logs.amazonaws.com", "elasticloadbalancing.amazonaws.com",
    "ssm.amazonaws.com",           "spotfleet.amazonaws.com",
    "rds.amazonaws.com",           "events.amazonaws.com"};
constexpr std::array<std::string_view, 14> kFunctions{
    "order-intake",  "thumbnailer",  "invoice-mailer", "stream-router", "geo-lookup", "fraud-score",  "webhook-fanout",
    "audit-archive", "search-index", "price-sync",     "chat-notify",   "session-gc", "report-build", "csv-import"};
constexpr std::array<std::string_view, 16> kPeople{
    "alice@example.com", "bob@example.com",   "carol@example.com",  "dmitri@example.com",
    "erin@example.com",  "farid@example.com", "grace@example.com",  "hiro@example.com",
    "ines@example.com",  "jonas@example.com", "kavita@example.com", "leila@example.com",
    "marco@example.com", "nadia@example.com", "omar@example.com",   "priya@example.com"};
constexpr std::array<std::string_view, 6> kAutomation{"terraform",   "ci-deployer", "datadog",
                                                      "cost-report", "backup",      "inventory"};
constexpr std::array<std::string_view, 8> kTables{"orders", "sessions", "carts",  "users",
                                                  "prices", "locks",    "events", "flags"};
constexpr std::array<std::string_view, 8> kRegions{"us-east-1", "us-east-1", "us-east-1",    "us-west-2",
                                                   "eu-west-1", "us-east-2", "eu-central-1", "ap-southeast-1"};
constexpr std::array<std::string_view, 6> kBrowsers{
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 "
    "Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0.0.0 Safari/537.36",
    "aws-cli/2.15.30 Python/3.11.8 Darwin/23.4.0 exe/x86_64 prompt/off command/ec2.describe-instances",
    "Mozilla/5.0 (X11; Linux x86_64; rv:126.0) Gecko/20100101 Firefox/126.0",
    "console.amazonaws.com",
    "S3Console/0.4, aws-internal/3 aws-sdk-java/1.12.488 Linux/5.10 OpenJDK_64-Bit_Server_VM/25.372-b08 "
    "java/1.8.0_372"};

std::string key_id(Random& random, std::string_view prefix) {
  std::string id(prefix);
  random.append(id, kKeyAlphabet, 16);
  return id;
}

std::vector<Caller> make_services() {
  std::vector<Caller> callers;
  callers.reserve(kServices.size());
  for (const std::string_view name : kServices) {
    callers.push_back({.kind = Caller::Kind::aws_service,
                       .name = std::string(name),
                       .session = {},
                       .principal_id = {},
                       .access_key = {},
                       .address = std::string(name),
                       .user_agent = std::string(name)});
  }
  return callers;
}

Caller role_caller(Random& random, std::string role, std::string_view session, std::string address,
                   std::string_view user_agent) {
  return {.kind = Caller::Kind::assumed_role,
          .name = std::move(role),
          .session = std::string(session),
          .principal_id = key_id(random, "AROA"),
          .access_key = key_id(random, "ASIA"),
          .address = std::move(address),
          .user_agent = std::string(user_agent)};
}

std::string public_address(Random& random) {
  return fmt::format("{}.{}.{}.{}", random.between(13, 99), random.below(256), random.below(256),
                     random.between(1, 254));
}

std::vector<Caller> make_functions(Random& random) {
  std::vector<Caller> callers;
  callers.reserve(kFunctions.size());
  for (const std::string_view name : kFunctions) {
    callers.push_back(role_caller(random, fmt::format("{}-role", name), name, public_address(random),
                                  "Boto3/1.28.57 md/Botocore#1.31.57 ua/2.0 os/linux#5.10.216-225.855.amzn2.x86_64 "
                                  "lang/python#3.11.6 exec-env/AWS_Lambda_python3.11 Botocore/1.31.57"));
  }
  return callers;
}

std::vector<Caller> make_people(Random& random) {
  std::vector<Caller> callers;
  callers.reserve(kPeople.size());
  for (std::size_t i = 0; i < kPeople.size(); ++i) {
    Caller caller = role_caller(random, "AWSReservedSSO_Developer_5c1f0a7be24d93e8", kPeople[i], public_address(random),
                                kBrowsers[random.low_below(kBrowsers.size())]);
    caller.mfa = true;
    callers.push_back(std::move(caller));
  }
  return callers;
}

std::vector<Caller> make_automation(Random& random) {
  std::vector<Caller> callers;
  callers.reserve(kAutomation.size());
  for (const std::string_view name : kAutomation) {
    callers.push_back(
        {.kind = Caller::Kind::iam_user,
         .name = std::string(name),
         .session = {},
         .principal_id = key_id(random, "AIDA"),
         .access_key = key_id(random, "AKIA"),
         .address = public_address(random),
         .user_agent = name == "terraform"
                           ? "APN/1.0 HashiCorp/1.0 Terraform/1.5.7 aws-sdk-go/1.44.261 (go1.20.7; linux; amd64)"
                           : "Boto3/1.26.90 Python/3.9.16 Linux/5.15.0-1034-aws Botocore/1.29.90"});
  }
  return callers;
}

Weighted template_weights() {
  std::vector<double> weights;
  weights.reserve(call_templates().size());
  for (const CallTemplate& call : call_templates()) weights.push_back(call.weight);
  return Weighted(weights);
}

void append_number(std::string& out, std::uint64_t number) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  out.append(digits.data(), end.ptr);
}

}  // namespace

EverydayCloud::EverydayCloud(Random random, std::span<const Instance> instances)
    : random_(random),
      services_(make_services()),
      functions_(make_functions(random_)),
      people_(make_people(random_)),
      automation_(make_automation(random_)),
      templates_(template_weights()) {
  for (const Instance& instance : instances) {
    Caller agent = role_caller(random_, instance.role, instance.id, std::string(kGateway),
                               "aws-sdk-go/1.41.4 (go1.17.12; linux; amd64) amazon-ssm-agent/3.1.1732.0");
    agent.instance_profile = true;
    if (instance.application) {
      Caller application = agent;
      application.user_agent =
          "aws-sdk-java/1.12.261 Linux/5.4.0-1103-aws OpenJDK_64-Bit_Server_VM/11.0.20+8 java/11.0.20 "
          "cfg/retry-mode/legacy";
      instances_.push_back(std::move(application));
    }
    agents_.push_back(std::move(agent));
    instance_ids_.push_back(instance.id);
  }
  constexpr std::array<std::string_view, 8> kPurposes{"logs", "events",  "images", "backups",
                                                      "lake", "exports", "static", "ml"};
  for (std::size_t i = 0; i < 60; ++i) {
    buckets_.push_back(
        fmt::format("omg-{}{}", kPurposes[i % kPurposes.size()], i < kPurposes.size() ? "" : fmt::format("-{}", i)));
  }
}

Caller EverydayCloud::on_instance(std::string_view instance_id, std::string_view user_agent) const {
  Caller caller = *std::ranges::find(agents_, instance_id, &Caller::session);
  caller.user_agent = user_agent;
  return caller;
}

void EverydayCloud::expand(std::string& out, std::string_view text, std::string_view bucket, std::string_view key) {
  out.clear();
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t dollar = std::min(text.find('$', at), text.size());
    out.append(text.substr(at, dollar - at));
    if (dollar + 1 >= text.size()) break;
    switch (text[dollar + 1]) {
      case 'b':
        out += bucket;
        break;
      case 'k':
        out += key;
        break;
      case 'i':
        out += instance_ids_[random_.low_below(instance_ids_.size())];
        break;
      case 'h':
        random_.append_hex(out, 16);
        break;
      case 'A':
        random_.append(out, kKeyAlphabet, 16);
        break;
      case 'u':
        random_.append_uuid(out);
        break;
      case 'n':
        append_number(out, 1 + random_.below(250));
        break;
      case 'g':
        out.append("sg-0").append(instance_ids_[random_.low_below(instance_ids_.size())].substr(2, 16));
        break;
      case 'f':
        out += kFunctions[random_.low_below(kFunctions.size())];
        break;
      case 't':
        out += kTables[random_.low_below(kTables.size())];
        break;
      case 'r':
        out.append(kFunctions[random_.low_below(kFunctions.size())]).append("-role");
        break;
      default:
        out += text[dollar + 1];
    }
    at = dollar + 2;
  }
}

EventFacts EverydayCloud::append(std::string& out, std::int64_t time_ms) {
  const CallTemplate& chosen = call_templates()[templates_(random_)];
  const std::array<const std::vector<Caller>*, 6> groups{&services_,  &instances_, &agents_,
                                                         &functions_, &people_,    &automation_};
  const Caller& caller = choose(*groups[static_cast<std::size_t>(chosen.callers)]);
  const std::string& bucket = buckets_[random_.low_below(buckets_.size())];
  std::string key = "events/part-";
  append_number(key, random_.below(100'000));
  key += '-';
  random_.append_hex(key, 12);
  key += ".json.gz";
  expand(request_, chosen.request, bucket, key);
  expand(response_, chosen.response, bucket, key);
  expand(resources_, chosen.resources, bucket, key);
  ApiCall call{.name = chosen.name,
               .source = chosen.source,
               .region = kRegions[random_.low_below(kRegions.size())],
               .read_only = chosen.read_only,
               .data_event = chosen.data_event,
               .request = request_,
               .response = response_,
               .resources = resources_};
  if (random_.chance(0.025)) {
    call.error_code = chosen.source == "ec2" ? "Client.UnauthorizedOperation" : "AccessDenied";
    call.error_message = "User is not authorized to perform this operation because no identity-based policy allows it";
  }
  EventFacts facts;
  facts.cloudtrail_id = records_.append(out, time_ms, caller, call, random_);
  facts.time_ms = time_ms / 1000 * 1000;
  facts.assumed_role = caller.kind == Caller::Kind::assumed_role;
  facts.arn_role = caller.arn_role();
  return facts;
}

}  // namespace sightline::replay
