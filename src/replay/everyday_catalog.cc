#include "replay/everyday_catalog.h"

#include <array>

namespace sightline::replay {
namespace {

constexpr std::array<std::string_view, 24> kGuessedNames{"admin", "root",    "test", "oracle",  "postgres", "user",
                                                         "guest", "ftpuser", "git",  "hadoop",  "jenkins",  "minecraft",
                                                         "mysql", "nagios",  "pi",   "support", "tomcat",   "ubnt",
                                                         "www",   "zabbix",  "odoo", "es",      "deployer", "steam"};

constexpr std::array<std::string_view, 12> kCheckPlugins{"check_disk", "check_load", "check_procs", "check_users",
                                                         "check_swap", "check_http", "check_tcp",   "check_ntp_time",
                                                         "check_apt",  "check_log",  "check_mysql", "check_ssh"};
constexpr std::array<std::string_view, 10> kUnits{
    "app",       "nginx",  "fwupd-refresh",          "apt-daily",   "motd-news", "cron",
    "logrotate", "man-db", "systemd-tmpfiles-clean", "redis-server"};
constexpr std::array<std::string_view, 8> kPackages{"openssl",        "libssl1.1", "curl",      "libcurl4",
                                                    "linux-libc-dev", "tzdata",    "python3.8", "vim-common"};

}  // namespace

const std::vector<Person>& people() {
  static const std::vector<Person> list{
      {{1001, "deploy"}, "10.0.3.20", "SHA256:pV0o1mW3TBQ0Kk3bHc2m0f9nQyS8r1uYxJd5gG7LwZc"},
      {{1000, "ubuntu"}, "198.51.100.14", "SHA256:7Qw9c0sN5uE3oV1yBz6mR2kLtXh8PjDfGa4iUeKsW0M"},
      {{1002, "alice"}, "198.51.100.14", "SHA256:Jm3vQ8aR6tYpL1dKx0cWbN5sEuF9hZgT2oVi7MBy4Xk"},
      {{1003, "bob"}, "198.51.100.22", "SHA256:c8Lk2Nw5vXsQ0jBt7GyHfD3mUaZ1rPe6IoTq9KVJ4Wd"},
      {{1004, "carol"}, "203.0.113.9", "SHA256:Ty6Gk0Hq3ZbWn8VmXs1DrF5jLcPe9UaJ2oIiK7QvB4E"},
      {{1005, "dmitri"}, "198.51.100.31", "SHA256:Zr1Xv9Cb6NmKq3WeT5yUiO7pAsDf2GhJ4kL8QjVwB0M"},
      {{1006, "erin"}, "203.0.113.54", "SHA256:fK5hJ8gD2sA7pO0iU3yT6rE9wQ1zX4cV8bN2mLkHjGa"},
      {{1007, "farid"}, "198.51.100.77", "SHA256:Wm2Qn5Bv8Cx1Za4Sd7Fg0Hj3Kl6PoI9uYtRe2WqAsDf"}};
  return list;
}

// What people type, the most usual first.
const std::vector<Command>& typed_commands() {
  static const std::vector<Command> list{
      {"/usr/bin/ls", {"ls", "--color=auto", "-la"}},
      {"/usr/bin/cat", {"cat", "/etc/os-release"}},
      {"/usr/bin/tail", {"tail", "-n", "200", "/var/log/syslog"}},
      {"/usr/bin/grep", {"grep", "--color=auto", "-i", "error", "/var/log/app/app.log"}},
      {"/usr/bin/systemctl", {"systemctl", "status", "app.service"}},
      {"/usr/bin/journalctl", {"journalctl", "-u", "app.service", "--since", "1 hour ago"}},
      {"/usr/bin/git", {"git", "status", "--short"}},
      {"/usr/bin/less", {"less", "/var/log/nginx/access.log"}},
      {"/usr/bin/vim.basic", {"vim", "notes.txt"}},
      {"/usr/bin/df", {"df", "-h"}},
      {"/usr/bin/free", {"free", "-m"}},
      {"/usr/bin/ps", {"ps", "auxww"}},
      {"/usr/bin/top", {"top", "-b", "-n", "1"}},
      {"/usr/bin/docker", {"docker", "ps", "--format", "{{.Names}}\t{{.Status}}"}},
      {"/usr/bin/find", {"find", "/var/log", "-name", "*.gz", "-mtime", "+7"}},
      {"/usr/bin/du", {"du", "-sh", "/var/lib/docker"}},
      {"/usr/bin/ss", {"ss", "-ltnp"}},
      {"/usr/bin/awk", {"awk", "{print $9}", "/var/log/nginx/access.log"}},
      {"/usr/bin/whoami", {"whoami"}},
      {"/usr/bin/uptime", {"uptime"}},
      {"/usr/bin/last", {"last", "-n", "20"}},
      {"/usr/bin/dig", {"dig", "+short", "db.internal.example"}},
      {"/usr/bin/lsmod", {"lsmod"}},
      {"/usr/bin/mkdir", {"mkdir", "-p", "work/tmp"}},
      {"/usr/bin/rsync", {"rsync", "-a", "build/", "web-2:/srv/app/"}},
      {"/usr/bin/psql", {"psql", "-h", "10.0.2.40", "-U", "app", "-c", "select count(*) from orders"}},
      {"/usr/bin/kubectl", {"kubectl", "get", "pods", "-n", "default"}},
      {"/usr/bin/tar", {"tar", "czf", "logs.tar.gz", "logs"}}};
  return list;
}

const std::vector<Command>& cron_commands() {
  static const std::vector<Command> list{
      {"/usr/lib/sysstat/sa1", {"/bin/sh", "-c", "command -v debian-sa1 > /dev/null && debian-sa1 1 1"}},
      {"/usr/bin/run-parts", {"/bin/sh", "-c", "cd / && run-parts --report /etc/cron.hourly"}},
      {"/usr/local/bin/rotate-queue", {"/bin/sh", "-c", "/usr/local/bin/rotate-queue --older-than 1h"}},
      {"/usr/local/bin/report", {"/bin/sh", "-c", "/usr/local/bin/report --mail ops@example.com"}},
      {"/usr/bin/rclone", {"/bin/sh", "-c", "rclone copy /var/backups s3:omg-backups/$(hostname) --quiet"}},
      {"/usr/bin/certbot",
       {"/bin/sh", "-c", "test -x /usr/bin/certbot && perl -e 'sleep int(rand(43200))' && certbot -q renew"}}};
  return list;
}

const Person& key_owner() { return people()[1]; }

std::span<const std::string_view> guessed_names() { return kGuessedNames; }
std::span<const std::string_view> check_plugins() { return kCheckPlugins; }
std::span<const std::string_view> units() { return kUnits; }
std::span<const std::string_view> packages() { return kPackages; }

}  // namespace sightline::replay
