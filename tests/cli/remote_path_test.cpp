#include "cli/remote_path.hpp"

#include <gtest/gtest.h>

namespace drukbox::cli {
namespace {

TEST(RemotePathTest, IsNoneForAPathOfThisMachine)
{
    for (const char* path : {"", "file", "./a:b", "/tmp/x:y", "dir/a:b", ":x", "."}) {
        EXPECT_FALSE(RemotePath::parse(path)) << path;
    }
}

TEST(RemotePathTest, SplitsAtTheFirstColon)
{
    const auto path = RemotePath::parse("sb-1:/tmp/a:b");
    ASSERT_TRUE(path);
    EXPECT_EQ(path->host, "sb-1");
    EXPECT_EQ(path->path, "/tmp/a:b");
    EXPECT_EQ(RemotePath::parse("sb-1:")->path, "");
}

} // namespace
} // namespace drukbox::cli
