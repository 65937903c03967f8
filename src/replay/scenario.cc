#include "replay/scenario.h"

#include <fmt/format.h>

#include <array>

#include "replay/everyday_catalog.h"
#include "replay/host_actions.h"

namespace sightline::replay {
namespace {

enum Step : int {
  kLoginA = 1,
  kRootA,
  kCredentialLookup,
  kMetadata,
  kInstallA,
  kDescribeCommand,
  kDescribeCall,
  kLoginB,
  kRootB,
  kInstallB,
  kListCommand,
  kListCall,
  kLookAround,
  kCopy,
  kLeave,
};

constexpr std::array kSteps{
    StoryStep{kLoginA, "ubuntu logs in to host A with a stolen SSH key"},
    StoryStep{kRootA, "ubuntu becomes root through sudo su -"},
    StoryStep{kCredentialLookup, "root looks for an AWS credentials file; the commands run, the file does not exist"},
    StoryStep{kMetadata, "curl asks the EC2 instance metadata service for the role: the alert of severity 1"},
    StoryStep{kInstallA, "root installs awscli on host A"},
    StoryStep{kDescribeCommand, "aws ec2 describe-instances runs on host A"},
    StoryStep{kDescribeCall, "CloudTrail: DescribeInstances as assumed-role/ec2VpcRole/i-08c9216f243e53fd4"},
    StoryStep{kLoginB, "from host A, ubuntu logs in to host B with the same key"},
    StoryStep{kRootB, "ubuntu becomes root on host B"},
    StoryStep{kInstallB, "root installs awscli on host B"},
    StoryStep{kListCommand, "aws s3 ls runs on host B"},
    StoryStep{kListCall, "CloudTrail: ListBuckets as assumed-role/myS3Reader/i-03128a5b8b894002a"},
    StoryStep{kLookAround, "aws s3 ls inspects three buckets, on the host and in CloudTrail"},
    StoryStep{kCopy,
              "aws s3 cp s3://omg-my-cookies/secret-data.txt secret-data-copy.txt: command, GetObject, new file"},
    StoryStep{kLeave, "the intruder logs out of both hosts"},
};

constexpr std::string_view kIntruderAddress = "192.0.2.147";
constexpr std::string_view kMetadataAddress = "169.254.169.254";
constexpr std::string_view kPython = "/usr/bin/python3.8";
constexpr std::string_view kAwsScript = "/usr/bin/aws";
constexpr std::string_view kCliAgent = "aws-cli/1.18.69 Python/3.8.10 Linux/5.4.0-1103-aws botocore/1.16.19";
constexpr std::string_view kS3CliAgent = "[aws-cli/1.18.69 Python/3.8.10 Linux/5.4.0-1103-aws botocore/1.16.19]";
constexpr std::string_view kMetadataRule = "ec2-metadata-service";
constexpr std::string_view kS3Rule = "s3-from-instance-cli";

class Teller {
 public:
  Teller(HostLog& host_a, HostLog& host_b, const EverydayCloud& cloud, Random& random, std::int64_t start_ms)
      : a_(host_a, random, start_ms), b_(host_b, random, start_ms), cloud_(cloud), random_(random) {}

  Story tell() {
    const Session session_a = on_host_a();
    reach_host_b(session_a);
    const Session session_b = on_host_b();
    a_.set_time(b_.time_ms());
    b_.set_story(kLeave);
    a_.set_story(kLeave);
    b_.ssh_logout(session_b);
    a_.wait(2000, 9000);
    a_.ssh_logout(session_a);
    story_.end_ms = a_.time_ms() + 1000;
    return std::move(story_);
  }

 private:
  Session log_in(HostActions& host, std::string_view address) {
    Person intruder = key_owner();
    intruder.address = address;
    return host.ssh_login(intruder);
  }

  Session on_host_a() {
    a_.set_story(kLoginA);
    const Session login = log_in(a_, kIntruderAddress);
    story_.login_a_ms = login.login_time_ms;
    a_.set_story(kRootA);
    a_.wait(9'000, 15'000);
    a_.run(login, "/usr/bin/id", {"id"});
    a_.wait(6'000, 12'000);
    const Session root = a_.become_root(login);
    a_.wait(60'000, 80'000);
    look_for_credentials(root);
    ask_metadata_service(root);
    install_cli(a_, root, kInstallA);
    a_.set_story(kDescribeCommand);
    a_.wait(8'000, 20'000);
    aws(a_, root, {"/usr/bin/python3", kAwsScript, "ec2", "describe-instances", "--region", "us-east-1"},
        "aws ec2 describe-instances --region us-east-1", "52.46.137.205");
    call(kDescribeCall, a_.time_ms(), kInstanceA, kCliAgent,
         {.name = "DescribeInstances", .source = "ec2", .request = R"({"instancesSet":{},"filterSet":{}})"});
    return root;
  }

  void look_for_credentials(const Session& root) {
    a_.set_story(kCredentialLookup);
    a_.run(root, "/usr/bin/ls", {"ls", "-la", "/home/ubuntu/.aws"});
    a_.wait(5'000, 9'000);
    const Process cat = a_.run(root, "/usr/bin/cat", {"cat", "/home/ubuntu/.aws/credentials"});
    a_.touch(cat,
             {.call = FileCall::open_read,
              .path = "/home/ubuntu/.aws/credentials",
              .cwd = "/root",
              .key = "credentials",
              .exit = -2,
              .proctitle = "cat /home/ubuntu/.aws/credentials"},
             "cloud-credential-lookup");
    a_.wait(6'000, 12'000);
    a_.run(root, "/usr/bin/find", {"find", "/home", "-name", "credentials", "-path", "*.aws*"});
    a_.wait(15'000, 25'000);
  }

  void ask_metadata_service(const Session& root) {
    a_.set_story(kMetadata);
    constexpr std::array<std::string_view, 2> kUrls{
        "http://169.254.169.254/latest/meta-data/iam/security-credentials/",
        "http://169.254.169.254/latest/meta-data/iam/security-credentials/ec2VpcRole"};
    for (const std::string_view url : kUrls) {
      const Process curl = a_.run(root, "/usr/bin/curl", {"curl", url});
      a_.connect(curl, kMetadataAddress, 80, fmt::format("curl {}", url), kMetadataRule);
      a_.wait(9'000, 18'000);
    }
  }

  static void install_cli(HostActions& host, const Session& root, int step) {
    host.set_story(step);
    host.wait(5'000, 12'000);
    const Process apt = host.run(root, "/usr/bin/apt", {"apt", "install", "-y", "awscli"});
    Session under_apt = root;
    under_apt.shell = apt;
    const Process http = host.run(under_apt, "/usr/lib/apt/methods/http", {"/usr/lib/apt/methods/http"});
    host.connect(http, "91.189.91.38", 80, "/usr/lib/apt/methods/http");
    host.wait(4'000, 9'000);
    const Process dpkg =
        host.run(under_apt, "/usr/bin/dpkg",
                 {"/usr/bin/dpkg", "--status-fd", "22", "--no-triggers", "--unpack", "--auto-deconfigure",
                  "/var/cache/apt/archives/awscli_1.18.69-1ubuntu0.20.04.1_all.deb"});
    host.touch(dpkg, {.call = FileCall::open_create,
                      .path = "/usr/bin/aws.dpkg-new",
                      .key = "binaries",
                      .exit = 9,
                      .proctitle = "/usr/bin/dpkg --unpack awscli"});
    host.touch(dpkg, {.call = FileCall::rename,
                      .path = "/usr/bin/aws.dpkg-new",
                      .new_path = "/usr/bin/aws",
                      .key = "binaries",
                      .proctitle = "/usr/bin/dpkg --unpack awscli"});
    host.wait(6'000, 14'000);
  }

  // The AWS CLI at work: the role's credentials from the metadata service, then the API.
  static Process aws(HostActions& host, const Session& root, HostActions::ArgumentList arguments,
                     std::string_view command_line, std::string_view api_address) {
    const Process cli = host.run_script(root, kPython, kAwsScript, arguments);
    const std::string title = fmt::format("/usr/bin/python3 /usr/bin/{}", command_line);
    host.connect(cli, kMetadataAddress, 80, title, kMetadataRule);
    host.wait(60, 200);
    host.connect(cli, api_address, 443, title);
    host.wait(80, 400);
    return cli;
  }

  void call(int step, std::int64_t time_ms, std::string_view instance, std::string_view user_agent,
            const ApiCall& api_call, std::string_view rule = {}) {
    CloudLine line;
    const Caller caller = cloud_.on_instance(instance, user_agent);
    line.facts.cloudtrail_id = records_.append(line.json, time_ms, caller, api_call, random_);
    line.facts.time_ms = time_ms / 1000 * 1000;
    line.facts.assumed_role = true;
    line.facts.arn_role = caller.arn_role();
    line.facts.story = step;
    line.facts.rule_id = rule;
    story_.cloud.push_back(std::move(line));
  }

  void reach_host_b(const Session& root_a) {
    a_.set_story(kLoginB);
    a_.wait(90'000, 150'000);
    const std::string target = fmt::format("ubuntu@{}", b_.log().host().address);
    const Process ssh = a_.run(root_a, "/usr/bin/ssh", {"ssh", "-A", target});
    a_.connect(ssh, b_.log().host().address, 22, fmt::format("ssh -A {}", target));
    b_.set_time(a_.time_ms() + 40);
  }

  Session on_host_b() {
    b_.set_story(kLoginB);
    const Session login = log_in(b_, a_.log().host().address);
    b_.set_story(kRootB);
    b_.wait(9'000, 20'000);
    const Session root = b_.become_root(login);
    install_cli(b_, root, kInstallB);
    b_.set_story(kListCommand);
    b_.wait(10'000, 20'000);
    s3(root, {"/usr/bin/python3", kAwsScript, "s3", "ls"}, "aws s3 ls");
    call(kListCall, b_.time_ms(), kInstanceB, kS3CliAgent,
         {.name = "ListBuckets", .source = "s3", .request = R"({"Host":"s3.amazonaws.com"})"}, kS3Rule);
    look_around(root);
    copy_secret(root);
    b_.wait(20'000, 60'000);
    return root;
  }

  Process s3(const Session& root, HostActions::ArgumentList arguments, std::string_view command_line) {
    return aws(b_, root, arguments, command_line, "52.216.109.187");
  }

  void look_around(const Session& root) {
    for (const std::string_view bucket : {"omg-logs", "omg-backups", "omg-my-cookies"}) {
      b_.set_story(kLookAround);
      b_.wait(15'000, 40'000);
      const std::string url = fmt::format("s3://{}", bucket);
      s3(root, {"/usr/bin/python3", kAwsScript, "s3", "ls", url}, fmt::format("aws s3 ls {}", url));
      const bool denied = bucket == "omg-backups";
      const std::string request = fmt::format(
          R"({{"list-type":"2","bucketName":"{}","prefix":"","delimiter":"/","encoding-type":"url","Host":"{}.s3.us-east-1.amazonaws.com"}})",
          bucket, bucket);
      const std::string resources =
          fmt::format(R"([{{"accountId":"{}","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::{}"}}])", kAccountId, bucket);
      call(kLookAround, b_.time_ms(), kInstanceB, kS3CliAgent,
           {.name = "ListObjects",
            .source = "s3",
            .data_event = true,
            .request = request,
            .resources = resources,
            .error_code = denied ? "AccessDenied" : "",
            .error_message = denied ? "Access Denied" : ""},
           kS3Rule);
    }
  }

  void copy_secret(const Session& root) {
    b_.set_story(kCopy);
    b_.wait(20'000, 40'000);
    constexpr std::string_view kSource = "s3://omg-my-cookies/secret-data.txt";
    constexpr std::string_view kCopyName = "secret-data-copy.txt";
    const std::string command = fmt::format("aws s3 cp {} {}", kSource, kCopyName);
    const Process cli = s3(root, {"/usr/bin/python3", kAwsScript, "s3", "cp", kSource, kCopyName}, command);
    for (const std::string_view name : {"HeadObject", "GetObject"}) {
      call(
          kCopy, b_.time_ms(), kInstanceB, kS3CliAgent,
          {.name = name,
           .source = "s3",
           .data_event = true,
           .request =
               R"({"bucketName":"omg-my-cookies","Host":"omg-my-cookies.s3.us-east-1.amazonaws.com","key":"secret-data.txt"})",
           .resources =
               R"([{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::omg-my-cookies/secret-data.txt"},{"accountId":"629845012331","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::omg-my-cookies"}])"},
          kS3Rule);
    }
    b_.touch(cli, {.call = FileCall::open_create,
                   .path = "/root/secret-data-copy.txt",
                   .cwd = "/root",
                   .key = "home",
                   .exit = 6,
                   .proctitle = fmt::format("/usr/bin/python3 /usr/bin/{}", command)});
  }

  HostActions a_;
  HostActions b_;
  const EverydayCloud& cloud_;
  Random& random_;
  CloudTrailRecords records_;
  Story story_;
};

}  // namespace

std::span<const StoryStep> story_steps() { return kSteps; }

Story tell_story(HostLog& host_a, HostLog& host_b, const EverydayCloud& cloud, Random& random, std::int64_t start_ms) {
  return Teller(host_a, host_b, cloud, random, start_ms).tell();
}

}  // namespace sightline::replay
