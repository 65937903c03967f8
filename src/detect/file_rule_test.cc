#include "detect/file_rule.h"

#include <gmock/gmock.h>

#include "detect/compiled_rules.h"
#include "detect/detect_testing.h"

namespace sightline::detect {
namespace {

using ::testing::HasSubstr;
using testing::load;

// `body` is the flow mapping after "files:".
std::string file_rule(std::string_view body, std::string_view more = {}) {
  return std::string("id: f\ntitle: t\nseverity: 2\nfiles: ").append(body).append("\n").append(more);
}

bool fires(std::string_view body, std::string_view filename, std::string_view type = "modify",
           std::string_view old_filename = {}, std::string_view more = {}) {
  const auto rules = load({file_rule(body, more)});
  EXPECT_TRUE(rules->problems().empty()) << to_string(rules->problems().front());
  EventBatch batch;
  Event& event = batch.add();
  event.add_text(FieldId::event_type, "file");
  event.add_text(FieldId::type, type);
  event.add_text(FieldId::filename, filename);
  if (!old_filename.empty()) event.add_text(FieldId::old_filename, old_filename);
  return !Detector(rules).detect(batch, 0).firings.empty();
}

TEST(FileRule, PathsAreFilesFoldersOrTrees) {
  EXPECT_TRUE(fires("{paths: [/etc/passwd]}", "/etc/passwd"));
  EXPECT_FALSE(fires("{paths: [/etc/passwd]}", "/etc/passwd-"));
  EXPECT_TRUE(fires("{paths: [/etc/cron.d/]}", "/etc/cron.d/x"));
  EXPECT_FALSE(fires("{paths: [/etc/cron.d/]}", "/etc/cron.d/a/x"));
  EXPECT_FALSE(fires("{paths: [/etc/cron.d/]}", "/etc/cronXd/x"));
  EXPECT_FALSE(fires("{paths: [/etc/cron.d/]}", "/etc/cron.d"));
  EXPECT_TRUE(fires("{paths: [{path: /etc/ssh, recursive: true}]}", "/etc/ssh/a/b"));
  EXPECT_TRUE(fires("{paths: [{path: /etc/ssh/, recursive: true}]}", "/etc/ssh"));
  EXPECT_FALSE(fires("{paths: [{path: /etc/ssh, recursive: true}]}", "/etc/ssh2/a"));
  EXPECT_TRUE(fires("{paths: [/a, /b]}", "/b"));
}

TEST(FileRule, WildcardsStayWithinANameButTwo) {
  EXPECT_TRUE(fires("{paths: ['/home/*/.ssh/authorized_keys']}", "/home/ann/.ssh/authorized_keys"));
  EXPECT_FALSE(fires("{paths: ['/home/*/.ssh/authorized_keys']}", "/home/ann/x/.ssh/authorized_keys"));
  EXPECT_TRUE(fires("{paths: ['/srv/**/config.php']}", "/srv/a/b/config.php"));
  EXPECT_FALSE(fires("{paths: ['/srv/**/config.php']}", "/srv/a/b/config.php.bak"));
  EXPECT_TRUE(fires("{paths: ['/var/lib/?b/']}", "/var/lib/db/x"));
  EXPECT_FALSE(fires("{paths: ['/var/lib/?b/']}", "/var/lib/db/x/y"));
  EXPECT_TRUE(fires("{paths: [{path: '/home/*/.aws', recursive: true}]}", "/home/ann/.aws/cli/cache"));
  EXPECT_FALSE(fires("{paths: [{path: '/home/*/.aws', recursive: true}]}", "/home/ann/.awsx"));
  EXPECT_TRUE(fires("{paths: ['/opt/a+b/*']}", "/opt/a+b/c\nd"));
}

TEST(FileRule, IgnoredNamesAndPaths) {
  EXPECT_FALSE(fires("{paths: [{path: /etc, recursive: true}], ignore: ['*.swp']}", "/etc/x/.a.swp"));
  EXPECT_TRUE(fires("{paths: [{path: /etc, recursive: true}], ignore: ['*.swp']}", "/etc/x.swp/a"));
  EXPECT_FALSE(fires("{paths: [{path: /etc, recursive: true}], ignore: ['/etc/cups/**']}", "/etc/cups/a/b"));
  EXPECT_TRUE(fires("{paths: [{path: /etc, recursive: true}], ignore: ['/etc/cups/*']}", "/etc/cups/a/b"));
}

TEST(FileRule, OperationsAndBothNamesOfARename) {
  EXPECT_FALSE(fires("{paths: [/a]}", "/a", "open"));
  EXPECT_TRUE(fires("{paths: [/a], operations: [open]}", "/a", "open"));
  EXPECT_FALSE(fires("{paths: [/a], operations: [delete]}", "/a", "modify"));
  EXPECT_TRUE(fires("{paths: [/a]}", "/b", "rename", "/a"));
  EXPECT_FALSE(fires("{paths: [/a]}", "/b", "rename", "/c"));
}

TEST(FileRule, AFilterNarrowsIt) {
  EXPECT_FALSE(fires("{paths: [/a]}", "/a", "modify", "", "filter: exe = '/x' OR user = 'u'\n"));
  EXPECT_TRUE(fires("{paths: [/a]}", "/a", "modify", "", "filter: exe = null OR user = 'u'\n"));
}

TEST(FileRule, MistakesAreTold) {
  const auto problem = [](std::string_view body) { return to_string(testing::problem_of(file_rule(body))); };
  EXPECT_THAT(problem("{}"), HasSubstr("\"paths\""));
  EXPECT_THAT(problem("{paths: []}"), HasSubstr("no path"));
  EXPECT_THAT(problem("{paths: [etc/passwd]}"), HasSubstr("absolute"));
  EXPECT_THAT(problem("{paths: [{recursive: true}]}"), HasSubstr("\"path\""));
  EXPECT_THAT(problem("{paths: [/a], operations: [chmod]}"), HasSubstr("expected one of create"));
  EXPECT_THAT(problem("{paths: [/a], operation: [open]}"), HasSubstr("unknown key"));
}

}  // namespace
}  // namespace sightline::detect
