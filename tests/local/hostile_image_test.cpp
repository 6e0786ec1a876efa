#include "local/image_fixture.hpp"

#include <atomic>
#include <cstdio>
#include <thread>

#include <fcntl.h>

namespace drukbox::test {
namespace {

namespace fs = std::filesystem;
using service::ProviderError;
using testing::HasSubstr;
using testing::Not;

/// An image made by somebody who wants to see this machine's files.
class HostileImageTest : public ImageTest
{
protected:
    void SetUp() override
    {
        ImageTest::SetUp();
        std::ofstream{outside_.path / "secret"} << "of this machine\n";
    }

    // Not in /tmp, which a keeper that is root covers for what it starts.
    TemporaryDirectory outside_{"/var/tmp"};
};

TEST_F(HostileImageTest, LinksAtItsTopLeadToNothingOutside)
{
    fs::remove_all(root_ / "etc");
    fs::create_directory_symlink(outside_.path, root_ / "etc");
    fs::create_directory_symlink(outside_.path, root_ / "data");
    const service::Vm vm = create_from_image();
    const Outcome outcome = ssh(vm, {"cat /etc/secret /.image-etc/secret /data/secret; ls -l / /.image-etc"});
    EXPECT_THAT(outcome.out, HasSubstr("data -> " + outside_.path.string()));
    EXPECT_THAT(outcome.out, HasSubstr(".image-etc -> " + outside_.path.string()));
    EXPECT_THAT(outcome.out, Not(HasSubstr("of this machine")));
}

TEST_F(HostileImageTest, AnEtcThatIsALinkToTheRootShowsOnlyTheSandboxs)
{
    fs::remove_all(root_ / "etc");
    fs::create_directory_symlink("/", root_ / "etc");
    const service::Vm vm = create_from_image();
    const std::string path = "/.image-etc" + outside_.path.string();
    const Outcome outcome = ssh(vm, {"ls /.image-etc; cat " + path + "/secret"});
    EXPECT_THAT(outcome.out, testing::StartsWith("bin\ndev\netc\nhome\n"));
    EXPECT_THAT(outcome.out, Not(HasSubstr("of this machine")));
}

TEST_F(HostileImageTest, AnEtcThatIsElsewhereInTheImageIsUsed)
{
    fs::rename(root_ / "etc", root_ / "usr/etc");
    fs::create_directory_symlink("usr/etc", root_ / "etc");
    const service::Vm vm = create_from_image();
    EXPECT_EQ(ssh(vm, {"cat /etc/image-release /etc/deep/file"}).out, "made by a test\ndeep\n");
}

/// The two names are exchanged as fast as the machine can, while sandboxes are made.
TEST_F(HostileImageTest, ADirectoryThatIsSwappedForALinkShowsNothing)
{
    fs::create_directories(root_ / "data/here");
    fs::create_directory_symlink(outside_.path, root_ / "trap");
    std::atomic<long> swaps{0};
    std::jthread swapper{[this, &swaps](const std::stop_token& stop) {
        const std::string data = root_ / "data";
        const std::string trap = root_ / "trap";
        while (!stop.stop_requested() &&
               ::renameat2(AT_FDCWD, data.c_str(), AT_FDCWD, trap.c_str(), RENAME_EXCHANGE) == 0) {
            ++swaps;
        }
    }};
    for (int i = 0; i < 8; ++i) {
        try {
            const service::Vm vm = create_from_image();
            EXPECT_THAT(ssh(vm, {"cat /data/secret /trap/secret"}).out, Not(HasSubstr("of this machine")));
            remove(vm.name);
        } catch (const ProviderError&) {
            // Refused, since something else was there than what had been opened.
        }
    }
    EXPECT_TRUE(eventually([&swaps] { return swaps > 100; }));
    swapper = {};
    const service::Vm vm = create_from_image();
    EXPECT_EQ(ssh(vm, {"echo works"}).out, "works\n");
}

} // namespace
} // namespace drukbox::test
