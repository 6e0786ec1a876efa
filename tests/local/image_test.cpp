#include "local/image_fixture.hpp"

namespace drukbox::test {
namespace {

namespace fs = std::filesystem;

TEST_F(ImageTest, AnImageWithoutSshdIsLentThisMachines)
{
    const service::Vm vm = create_from_image();
    const Outcome outcome =
        ssh(vm, {"cat /etc/image-release /etc/deep/file /etc/deep/upwards; id -un; ls /usr/bin"});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ(outcome.out, "made by a test\ndeep\nfound\nsandbox\ncat\nenv\nid\nls\nsh\n");
}

TEST_F(ImageTest, AnImagesOwnSshdIsUsedAndNothingOfThisMachineIsInside)
{
    add_program("/usr/sbin/sshd");
    const service::Vm vm = create_from_image();
    EXPECT_EQ(ssh(vm, {"ls /"}).out,
              "bin\ndev\netc\nhome\nlib\nlib64\nopt\nproc\nrun\nsbin\ntmp\nusr\nvar\n");
    EXPECT_EQ(ssh(vm, {"ls -d /.host 2>/dev/null; echo end"}).out, "end\n");
}

TEST_F(ImageTest, AnImageIsNotWrittenTo)
{
    const service::Vm vm = create_from_image();
    for (const char* const path : {"/x", "/usr/x", "/etc/x", "/opt/data/x", "/opt/data/target",
                                   "/etc/deep/file", "/.image-etc/x", "/var/x"}) {
        EXPECT_NE(ssh(vm, {std::string{"echo x > "} + path}).exit_code, 0) << path;
    }
    EXPECT_EQ(ssh(vm, {"echo x > /tmp/x; echo x > /var/tmp/x; echo x > ~/x; cat /tmp/x /var/tmp/x ~/x"}).out,
              "x\nx\nx\n");
    EXPECT_FALSE(fs::exists(root_ / "var/tmp/x"));
}

TEST_F(ImageTest, ADirectoryThatIsNoRootFileSystemIsRefused)
{
    fs::remove_all(root_ / "usr");
    EXPECT_THROW(create_from_image(), service::ProviderError);
    EXPECT_TRUE(list().empty());
}

} // namespace
} // namespace drukbox::test
