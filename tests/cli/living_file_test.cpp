#include "posix/living_file.hpp"
#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <system_error>

namespace drukbox::posix {
namespace {

using std::filesystem::perms;

class LivingFileTest : public ::testing::Test
{
protected:
    test::TemporaryDirectory directory_;
    std::string path_ = (directory_.path() / "address").string();
};

TEST_F(LivingFileTest, IsReadWhileItLives)
{
    EXPECT_EQ(read_living_file(path_), std::nullopt);
    {
        const LivingFile file(path_, "here");
        EXPECT_EQ(read_living_file(path_), "here");
        EXPECT_EQ(read_living_file(path_), "here"); // to look does not take the lock away
        EXPECT_EQ(std::filesystem::status(path_).permissions(), perms::owner_read | perms::owner_write);
    }
    EXPECT_EQ(read_living_file(path_), std::nullopt);
    EXPECT_TRUE(std::filesystem::is_empty(directory_.path()));
}

TEST_F(LivingFileTest, IsGoneOnceTakenBack)
{
    LivingFile file(path_, "here");
    file.take_back();
    EXPECT_EQ(read_living_file(path_), std::nullopt);
    const LivingFile successor(path_, "there");
    file.take_back();
    EXPECT_EQ(read_living_file(path_), "there");
}

TEST_F(LivingFileTest, IsNotBelievedWhenItWasLeftBehind)
{
    {
        const LivingFile file(path_, "here");
        std::filesystem::copy_file(path_, directory_.path() / "left");
    }
    std::filesystem::rename(directory_.path() / "left", path_);
    ASSERT_TRUE(std::filesystem::exists(path_));
    EXPECT_EQ(read_living_file(path_), std::nullopt);
    const LivingFile successor(path_, "there");
    EXPECT_EQ(read_living_file(path_), "there");
}

TEST_F(LivingFileTest, IsNotReadWhereOthersCouldWriteIt)
{
    const LivingFile file(path_, "here");
    std::filesystem::permissions(path_, perms::others_write, std::filesystem::perm_options::add);
    EXPECT_THROW((void)read_living_file(path_), std::system_error);

    const auto link = (directory_.path() / "link").string();
    std::filesystem::create_symlink(path_, link);
    EXPECT_THROW((void)read_living_file(link), std::system_error);
}

} // namespace
} // namespace drukbox::posix
