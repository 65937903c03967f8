#include "control/agent_table.h"

#include <gmock/gmock.h>

#include "control/control_store.h"
#include "testing/temporary_directory.h"

namespace sightline::control {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

TEST(AgentTable, KeepsTheTagsLastSetAndWhoSetThem) {
  const testing::TemporaryDirectory directory;
  const std::vector<std::string> first{"web", "prod", "web"};
  const std::vector<std::string> second{"db"};
  {
    const auto store = std::move(*ControlStore::open(directory.path()));
    EXPECT_THAT(*store->agents().tags("a1"), IsEmpty());
    ASSERT_TRUE(store->agents().set_tags("a1", first, "ops", 1'700'000'000'000));
    ASSERT_TRUE(store->agents().set_tags("a2", first, "ops", 1'700'000'000'001));
    ASSERT_TRUE(store->agents().set_tags("a2", second, "dev", 1'700'000'000'002));
  }
  const auto store = std::move(*ControlStore::open(directory.path()));
  EXPECT_THAT(*store->agents().tags("a1"), ElementsAre("prod", "web"));
  EXPECT_THAT(*store->agents().all_tags(),
              ElementsAre(Pair("a1", ElementsAre("prod", "web")), Pair("a2", ElementsAre("db"))));
  const auto entries = *store->audit_log().list(std::nullopt, 1);
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].action + ' ' + entries[0].subject + ' ' + entries[0].detail + ' ' + entries[0].principal,
            "agent.tag a2 db dev");
  ASSERT_TRUE(store->agents().set_tags("a1", {}, "ops", 1'700'000'000'003));
  EXPECT_THAT(*store->agents().tags("a1"), IsEmpty());
}

}  // namespace
}  // namespace sightline::control
