#include "sources/audit/paths.h"

#include <gtest/gtest.h>

namespace sightline::audit {
namespace {

TEST(Paths, Normalize) {
  Arena arena;
  const std::pair<const char*, const char*> cases[] = {
      {"/", "/"},         {"/etc/passwd", "/etc/passwd"},   {"//etc///passwd", "/etc/passwd"},
      {"/a/./b", "/a/b"}, {"/a/../etc/x", "/etc/x"},        {"/../../etc", "/etc"},
      {"/a/..", "/"},     {"/home/u/.aws", "/home/u/.aws"}, {"/a/b/./", "/a/b/"},
      {"/a//", "/a/"},    {"/..x/...", "/..x/..."},         {"/a/b/.", "/a/b"},
  };
  for (const auto& [path, expected] : cases) EXPECT_EQ(normalize_path(path, arena), expected) << path;
}

std::vector<PathItem> items(std::initializer_list<std::pair<const char*, PathRole>> list) {
  std::vector<PathItem> out;
  for (const auto& [name, role] : list) {
    PathItem item;
    item.name = name;
    item.role = role;
    out.push_back(item);
  }
  return out;
}

TEST(Paths, RelativeNamesStartAtTheWorkingDirectory) {
  Arena arena;
  auto list = items({{"dir/", PathRole::parent}, {"dir/../x", PathRole::created}, {"/abs", PathRole::normal}});
  resolve_paths(list, {"/home/u", true}, arena);
  EXPECT_EQ(list[0].resolved, "/home/u/dir/");
  EXPECT_EQ(list[1].resolved, "/home/u/x");
  EXPECT_EQ(list[2].resolved, "/abs");
}

TEST(Paths, ADescriptorsDirectoryIsTheParentsOrUnknown) {
  Arena arena;
  auto known = items({{"/srv/data/", PathRole::parent}, {"x", PathRole::created}});
  resolve_paths(known, {"/home/u", false}, arena);
  EXPECT_EQ(known[1].resolved, "/srv/data/x");
  auto unknown = items({{"/home/u", PathRole::parent}, {"x", PathRole::created}});
  resolve_paths(unknown, {"/home/u", false}, arena);
  EXPECT_EQ(unknown[1].resolved, "x");
}

TEST(Paths, WithoutWorkingDirectoryTheNameStays) {
  Arena arena;
  auto list = items({{"x", PathRole::normal}});
  resolve_paths(list, {"", true}, arena);
  EXPECT_EQ(list[0].resolved, "x");
}

TEST(Paths, TheOneTheEventIsAbout) {
  const auto renamed = items({{"/a/", PathRole::parent},
                              {"/a/", PathRole::parent},
                              {"/a/old", PathRole::deleted},
                              {"/a/new", PathRole::deleted},
                              {"/a/new", PathRole::created}});
  EXPECT_EQ(main_path(renamed), &renamed[4]);
  EXPECT_EQ(renamed_path(renamed), &renamed[2]);
  const auto failed = items({{"/root/.aws/credentials", PathRole::unknown}});
  EXPECT_EQ(main_path(failed), &failed[0]);
  const auto deleted = items({{"/a/", PathRole::parent}, {"/a/x", PathRole::deleted}});
  EXPECT_EQ(main_path(deleted), &deleted[1]);
  EXPECT_EQ(main_path({}), nullptr);
  const auto parents = items({{"/a/", PathRole::parent}});
  EXPECT_EQ(main_path(parents), nullptr);
}

}  // namespace
}  // namespace sightline::audit
