#include "local/sandbox_test.hpp"
#include "service/providers/local/image.hpp"

namespace drukbox::test {
namespace {

namespace fs = std::filesystem;
using service::ProviderError;
using service::local::Image;

/// Two directories that could be images, of which only one lies where images do.
class ImageNameTest : public testing::Test
{
protected:
    void SetUp() override
    {
        fs::create_directories(inside_ / "usr");
        fs::create_directories(outside_ / "usr");
    }

    Image open(const std::string& name) { return Image::open(name, directories_); }

    std::string error_of(const std::string& name)
    {
        try {
            (void)open(name);
        } catch (const ProviderError& error) {
            EXPECT_EQ(error.kind(), "ImageNotFound");
            return error.what();
        }
        return "(no error)";
    }

    TemporaryDirectory files_;
    fs::path inside_ = files_.path / "images/inside";
    fs::path outside_ = files_.path / "elsewhere/outside";
    std::vector<fs::path> directories_{files_.path / "missing", files_.path / "images"};
};

TEST_F(ImageNameTest, AnImageLiesInOneOfTheDirectories)
{
    EXPECT_EQ(open(inside_).entries.size(), 1U);
    EXPECT_EQ(open(inside_ / "../inside/").entries.size(), 1U);
    EXPECT_TRUE(open("host").host);
}

TEST_F(ImageNameTest, WhatIsElsewhereIsRefusedTheSameWhetherItExists)
{
    fs::create_directory_symlink(outside_, files_.path / "images/link");
    fs::create_directory_symlink("/", inside_ / "root");
    fs::create_directories(files_.path / "images-too/usr");
    const std::string refusal = error_of(outside_);
    EXPECT_THAT(refusal, testing::StartsWith("no such image: "));
    const std::string root = files_.path;
    for (const std::string& name :
         {root + "/elsewhere/missing", root + "/images/../elsewhere/outside", root + "/images/link",
          root + "/images/missing", root + "/images/inside/root", root + "/images-too", root + "/elsewhere",
          std::string{"/"}, std::string{"/usr"}, std::string{"/proc/self/root"},
          std::string{"/proc/self/cwd"}, std::string{"images/inside"}, std::string{"."}, std::string{},
          inside_.string() + '\0'}) {
        EXPECT_EQ(error_of(name), refusal) << name;
    }
}

TEST_F(ImageNameTest, TheOperatorsOwnPathMayBeALink)
{
    fs::create_directory_symlink(files_.path / "images", files_.path / "link");
    EXPECT_EQ(open(files_.path / "link/inside").entries.size(), 1U);
    directories_ = {files_.path / "link"};
    EXPECT_EQ(open(inside_).entries.size(), 1U);
    directories_ = {files_.path / "link/inside"};
    EXPECT_EQ(open(inside_).entries.size(), 1U);
}

TEST_F(ImageNameTest, WhatHasNoUsrOfItsOwnIsNoImage)
{
    fs::remove(inside_ / "usr");
    EXPECT_THAT(error_of(inside_), testing::StartsWith("not a root file system"));
    fs::create_directory_symlink(outside_ / "usr", inside_ / "usr");
    EXPECT_THAT(error_of(inside_), testing::StartsWith("not a root file system"));
    fs::remove(inside_ / "usr");
    std::error_code error;
    fs::create_directory_symlink("../../elsewhere/outside/usr", inside_ / "usr", error);
    EXPECT_THAT(error_of(inside_), testing::StartsWith("not a root file system"));
}

TEST_F(ImageNameTest, AnImageWithTooMuchAtItsTopIsRefused)
{
    for (int i = 0; i < 60; ++i) {
        fs::create_directory(inside_ / std::to_string(i));
    }
    EXPECT_THAT(error_of(inside_), testing::StartsWith("too many directories"));
    for (int i = 60; i < 300; ++i) {
        fs::create_directory(inside_ / std::to_string(i));
    }
    EXPECT_THAT(error_of(inside_), testing::StartsWith("more than 256 entries"));
}

} // namespace
} // namespace drukbox::test
