#include "replay/everyday_host.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <vector>

#include "replay/everyday_catalog.h"

namespace sightline::replay {
namespace {

constexpr Account kRoot{0, "root"};
constexpr Account kWebUser{33, "www-data"};
constexpr Account kPostgres{113, "postgres"};
constexpr Account kMonitor{997, "nagios"};
constexpr Account kInstanceConnect{998, "ec2-instance-connect"};
constexpr std::string_view kMetadata = "169.254.169.254";

// Processes that run since boot.
enum Daemon : std::uint32_t {
  kSsmAgent = 702,
  kCloudWatch = 731,
  kCron = 655,
  kNginx = 918,
  kApp = 1103,
  kContainerd = 806
};

// One of a list whose first items are the usual ones.
template <class List>
const auto& usual(const List& list, Random& random) {
  return list[random.low_below(std::size(list))];
}

std::string public_address(Random& random) {
  return fmt::format("{}.{}.{}.{}", random.between(11, 99), random.below(256), random.below(256),
                     random.between(1, 254));
}

}  // namespace

EverydayHost::EverydayHost(HostLog& log, Random random) : log_(log), random_(random) {}

void EverydayHost::act(std::int64_t time_ms) {
  using Activity = void (EverydayHost::*)(HostActions&);
  static constexpr std::array<Activity, 12> kActivities{
      &EverydayHost::web_requests, &EverydayHost::monitoring,        &EverydayHost::database,
      &EverydayHost::cron,         &EverydayHost::containers,        &EverydayHost::cloud_agent,
      &EverydayHost::log_rotation, &EverydayHost::guessed_passwords, &EverydayHost::service_restart,
      &EverydayHost::user_session, &EverydayHost::configuration_run, &EverydayHost::packages};
  static constexpr std::array<double, 12> kWeights{30, 16, 14, 10, 8, 7, 5, 4, 3, 1.6, 1, 0.6};
  static const Weighted choice(kWeights);
  HostActions actions(log_, random_, time_ms);
  (this->*kActivities[choice(random_)])(actions);
}

void EverydayHost::cron(HostActions& actions) {
  const Command& command = usual(cron_commands(), random_);
  Process cron{.pid = log_.next_pid(), .ppid = kCron, .tty = "(none)", .comm = "cron", .exe = "/usr/sbin/cron"};
  const auto pam = [&](std::string_view type, std::string_view operation) {
    actions.message(type, cron,
                    fmt::format(R"(op=PAM:{} grantors=pam_permit acct="root" exe="/usr/sbin/cron" hostname=? addr=? )"
                                "terminal=cron res=success",
                                operation));
  };
  pam("USER_ACCT", "accounting");
  pam("CRED_ACQ", "setcred");
  cron.session = log_.next_session();
  cron.login = kRoot;
  log_.add(login_event(actions.time_ms(), cron.pid, kRoot, cron.session));
  pam("USER_START", "session_open");
  Session session;
  session.shell = cron;
  session.cwd = "/root";
  actions.run(session, "/usr/bin/dash", command.arguments);
  actions.run(session, command.exe, {command.exe});
  actions.wait(100, 20'000);
  pam("CRED_DISP", "setcred");
  pam("USER_END", "session_close");
}

void EverydayHost::packages(HostActions& actions) {
  const Process apt = actions.run_service(kRoot, "/usr/bin/apt-get", {"apt-get", "-qq", "-y", "update"}, 1);
  for (const std::string_view mirror : {"91.189.91.38", "91.189.88.142"}) {
    const Process fetch =
        actions.run_service({105, "_apt"}, "/usr/lib/apt/methods/http", {"/usr/lib/apt/methods/http"}, apt.pid);
    actions.connect(fetch, mirror, 80, "/usr/lib/apt/methods/http");
    actions.wait(100, 3000);
    actions.run_service({105, "_apt"}, "/usr/bin/gpgv",
                        {"/usr/bin/gpgv", "--homedir", "/tmp/apt.conf.d", "--status-fd", "3"}, fetch.pid);
  }
  if (!random_.chance(0.5)) return;
  const std::string_view package = usual(replay::packages(), random_);
  const Process upgrade =
      actions.run_service(kRoot, "/usr/bin/python3.8", {"/usr/bin/python3", "/usr/bin/unattended-upgrade"}, 1);
  const Process dpkg = actions.run_service(kRoot, "/usr/bin/dpkg",
                                           {"/usr/bin/dpkg", "--unpack", "--auto-deconfigure", package}, upgrade.pid);
  const std::string list = fmt::format("/var/lib/dpkg/info/{}.list", package);
  const std::string fresh = list + "-new";
  actions.touch(
      dpkg, {.call = FileCall::open_create, .path = fresh, .key = "packages", .exit = 4, .proctitle = "dpkg --unpack"});
  actions.touch(
      dpkg,
      {.call = FileCall::rename, .path = fresh, .new_path = list, .key = "packages", .proctitle = "dpkg --unpack"});
  actions.touch(dpkg, {.call = FileCall::chown, .path = list, .key = "packages", .proctitle = "dpkg --unpack"});
  actions.run_service(kRoot, "/usr/bin/dash",
                      {"/bin/sh", fmt::format("/var/lib/dpkg/info/{}.postinst", package), "configure"}, dpkg.pid);
  actions.run_service(kRoot, "/usr/sbin/ldconfig.real", {"/sbin/ldconfig.real"}, dpkg.pid);
}

void EverydayHost::user_session(HostActions& actions) {
  const std::int64_t latest_ms = actions.time_ms() + kMaxActivityMs - 60'000;
  const Session session = actions.ssh_login(usual(people(), random_));
  const auto commands = 3 + random_.below(25);
  for (std::uint64_t i = 0; i < commands && actions.time_ms() < latest_ms; ++i) {
    actions.wait(800, 35'000);
    const Command& command = usual(typed_commands(), random_);
    const Process process = actions.run(session, command.exe, command.arguments);
    if (command.exe == "/usr/bin/psql") actions.connect(process, "10.0.2.40", 5432, "psql -h 10.0.2.40");
    if (command.exe == "/usr/bin/vim.basic") {
      actions.touch(process, {.call = FileCall::open_create,
                              .path = "/home/work/notes.txt",
                              .key = "home",
                              .exit = 5,
                              .proctitle = "vim notes.txt"});
    }
  }
  if (random_.chance(0.3)) {
    actions.sudo_command(session, "/usr/bin/systemctl", {"systemctl", "restart", "app.service"});
  }
  actions.wait(1000, 30'000);
  actions.ssh_logout(session);
}

void EverydayHost::guessed_passwords(HostActions& actions) {
  const std::string address = public_address(random_);
  const auto tries = 1 + random_.below(5);
  for (std::uint64_t i = 0; i < tries; ++i) {
    actions.ssh_failure(usual(guessed_names(), random_), address);
    actions.wait(200, 8000);
  }
}

void EverydayHost::web_requests(HostActions& actions) {
  const Process nginx{
      .pid = kNginx, .ppid = 917, .user = kWebUser, .effective = kWebUser, .comm = "nginx", .exe = "/usr/sbin/nginx"};
  const Process app{.pid = kApp,
                    .ppid = 1,
                    .user = kWebUser,
                    .effective = kWebUser,
                    .comm = "java",
                    .exe = "/usr/lib/jvm/java-11-openjdk-amd64/bin/java"};
  const auto requests = 1 + random_.below(8);
  for (std::uint64_t i = 0; i < requests; ++i) {
    actions.accept(nginx, fmt::format("10.0.0.{}", 10 + random_.below(6)),
                   static_cast<std::uint16_t>(random_.between(32768, 60999)), "nginx: worker process");
    if (random_.chance(0.6)) actions.connect(nginx, "127.0.0.1", 8080, "nginx: worker process");
    if (random_.chance(0.4))
      actions.connect(app, random_.chance(0.8) ? "10.0.2.40" : "10.0.2.41", 5432, "java -Xmx2g -jar /srv/app/app.jar");
    if (random_.chance(0.2)) actions.connect(app, "10.0.2.50", 6379, "java -Xmx2g -jar /srv/app/app.jar");
    if (random_.chance(0.1))
      actions.connect(app, fmt::format("52.216.{}.{}", random_.below(256), random_.below(256)), 443,
                      "java -Xmx2g -jar /srv/app/app.jar");
    actions.wait(20, 4000);
  }
}

void EverydayHost::database(HostActions& actions) {
  const Process postgres{.pid = log_.next_pid(),
                         .ppid = 950,
                         .user = kPostgres,
                         .effective = kPostgres,
                         .comm = "postgres",
                         .exe = "/usr/lib/postgresql/12/bin/postgres"};
  const std::string segment = fmt::format("/var/lib/postgresql/12/main/pg_wal/0000000100000{:03X}000000{:02X}",
                                          random_.below(4096), random_.below(256));
  actions.touch(postgres, {.call = FileCall::open_create,
                           .path = segment,
                           .cwd = "/var/lib/postgresql/12/main",
                           .key = "data",
                           .exit = 9,
                           .proctitle = "postgres: walwriter"});
  if (random_.chance(0.5)) {
    const std::string recycled = segment + ".done";
    actions.touch(postgres, {.call = FileCall::rename,
                             .path = segment,
                             .new_path = recycled,
                             .cwd = "/var/lib/postgresql/12/main",
                             .key = "data",
                             .proctitle = "postgres: checkpointer"});
    actions.wait(10, 2000);
    actions.touch(postgres, {.call = FileCall::unlink,
                             .path = recycled,
                             .cwd = "/var/lib/postgresql/12/main",
                             .key = "data",
                             .proctitle = "postgres: checkpointer"});
  }
}

void EverydayHost::monitoring(HostActions& actions) {
  const Process agent =
      actions.run_service(kMonitor, "/usr/sbin/nrpe", {"/usr/sbin/nrpe", "-c", "/etc/nagios/nrpe.cfg", "-f"}, 688);
  const std::string_view plugin = usual(check_plugins(), random_);
  const std::string path = fmt::format("/usr/lib/nagios/plugins/{}", plugin);
  actions.run_service(kMonitor, "/usr/bin/dash", {"/bin/sh", "-c", fmt::format("{} -w 20% -c 10%", path)}, agent.pid);
  const Process check = actions.run_service(kMonitor, path, {path, "-w", "20%", "-c", "10%"}, agent.pid);
  if (plugin == "check_http" || plugin == "check_tcp") actions.connect(check, "127.0.0.1", 8080, path);
  if (random_.chance(0.2))
    actions.touch(check, {.call = FileCall::open_read,
                          .path = "/var/lib/nagios/retention.dat",
                          .key = "monitoring",
                          .exit = -2,
                          .proctitle = path});
}

void EverydayHost::log_rotation(HostActions& actions) {
  const Process rotate =
      actions.run_service(kRoot, "/usr/sbin/logrotate", {"/usr/sbin/logrotate", "/etc/logrotate.conf"}, 1);
  constexpr std::array<std::string_view, 5> kLogs{"syslog", "auth.log", "nginx/access.log", "app/app.log", "kern.log"};
  const std::string log = fmt::format("/var/log/{}", usual(kLogs, random_));
  const std::string old = log + ".1";
  actions.touch(rotate, {.call = FileCall::rename,
                         .path = log,
                         .new_path = old,
                         .key = "logs",
                         .proctitle = "/usr/sbin/logrotate /etc/logrotate.conf"});
  actions.touch(rotate, {.call = FileCall::open_create,
                         .path = log,
                         .key = "logs",
                         .exit = 3,
                         .proctitle = "/usr/sbin/logrotate /etc/logrotate.conf"});
  actions.touch(
      rotate,
      {.call = FileCall::chmod, .path = log, .key = "logs", .proctitle = "/usr/sbin/logrotate /etc/logrotate.conf"});
  const Process gzip = actions.run_service(kRoot, "/usr/bin/gzip", {"/bin/gzip"}, rotate.pid);
  actions.touch(
      gzip, {.call = FileCall::open_create, .path = log + ".2.gz", .key = "logs", .exit = 4, .proctitle = "/bin/gzip"});
  actions.touch(rotate, {.call = FileCall::unlink,
                         .path = log + ".8.gz",
                         .key = "logs",
                         .proctitle = "/usr/sbin/logrotate /etc/logrotate.conf"});
}

// Those that speak to the metadata service every day and must not raise the story's alert.
void EverydayHost::cloud_agent(HostActions& actions) {
  const Process ssm{
      .pid = kSsmAgent, .ppid = 1, .comm = "ssm-agent-worke", .exe = "/snap/amazon-ssm-agent/2012/ssm-agent-worker"};
  const Process cloudwatch{.pid = kCloudWatch,
                           .ppid = 1,
                           .comm = "amazon-cloudwat",
                           .exe = "/opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent"};
  const double which = random_.fraction();
  if (which < 0.5) {
    actions.connect(ssm, kMetadata, 80, "/snap/amazon-ssm-agent/2012/ssm-agent-worker");
    actions.connect(ssm, fmt::format("52.46.{}.{}", 128 + random_.below(16), random_.below(256)), 443,
                    "/snap/amazon-ssm-agent/2012/ssm-agent-worker");
  } else if (which < 0.9) {
    actions.connect(cloudwatch, kMetadata, 80, "/opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent");
    actions.connect(cloudwatch, fmt::format("3.236.94.{}", random_.below(256)), 443,
                    "/opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent");
  } else {
    actions.run_service(kInstanceConnect, "/usr/bin/dash",
                        {"/bin/sh", "/usr/share/ec2-instance-connect/eic_run_authorized_keys", "alice"}, 812);
    const Process curl = actions.run_service(
        kInstanceConnect, "/usr/bin/curl",
        {"curl", "-s", "-f", "-m", "1", "http://169.254.169.254/latest/meta-data/instance-id/"}, 812);
    actions.connect(curl, kMetadata, 80, "curl -s -f -m 1 http://169.254.169.254/latest/meta-data/instance-id/");
  }
}

void EverydayHost::service_restart(HostActions& actions) {
  const std::string_view unit = usual(units(), random_);
  const Process systemd{.pid = 1, .ppid = 0, .comm = "systemd", .exe = "/usr/lib/systemd/systemd"};
  const std::string text = fmt::format(
      R"(unit={} comm="systemd" exe="/usr/lib/systemd/systemd" hostname=? addr=? terminal=? res=success)", unit);
  actions.message("SERVICE_START", systemd, text);
  actions.wait(100, 5000);
  actions.message("SERVICE_STOP", systemd, text);
}

void EverydayHost::containers(HostActions& actions) {
  const std::string id = random_.hex(64);
  const std::string bundle = fmt::format("/run/containerd/io.containerd.runtime.v2.task/moby/{}", id);
  const Process runc = actions.run_service(
      kRoot, "/usr/bin/runc",
      {"runc", "--root", "/var/run/docker/runtime-runc/moby", "--log", fmt::format("{}/log.json", bundle), "exec",
       "--process", "/run/process.json", "--detach", id},
      kContainerd, bundle);
  const Process check = actions.run_service(
      {1000, "ubuntu"}, "/usr/bin/wget", {"wget", "-q", "--spider", "http://localhost:8080/healthz"}, runc.pid, "/app");
  actions.connect(check, "127.0.0.1", 8080, "wget -q --spider http://localhost:8080/healthz");
}

void EverydayHost::configuration_run(HostActions& actions) {
  const Process puppet =
      actions.run_service(kRoot, "/opt/puppetlabs/puppet/bin/ruby",
                          {"/opt/puppetlabs/puppet/bin/puppet", "agent", "--onetime", "--no-daemonize"}, 1);
  actions.connect(puppet, "10.0.4.10", 8140, "puppet agent: applying configuration");
  constexpr std::array<std::string_view, 6> kFiles{"/etc/nginx/nginx.conf", "/etc/ntp.conf", "/etc/app/app.yml",
                                                   "/etc/rsyslog.conf",     "/etc/motd",     "/etc/hosts"};
  const auto steps = 6 + random_.below(20);
  for (std::uint64_t i = 0; i < steps; ++i) {
    actions.wait(20, 1500);
    if (random_.chance(0.6)) {
      actions.run_service(kRoot, "/usr/bin/dpkg-query",
                          {"/usr/bin/dpkg-query", "-W", "--showformat", "'${Status} ${Package} ${Version}\\n'",
                           usual(replay::packages(), random_)},
                          puppet.pid);
    } else {
      actions.touch(puppet, {.call = FileCall::open_write,
                             .path = usual(kFiles, random_),
                             .key = "etc",
                             .exit = 7,
                             .proctitle = "puppet agent: applying configuration"});
    }
  }
}

}  // namespace sightline::replay
