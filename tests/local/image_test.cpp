#include "local/sandbox_test.hpp"

#include <fstream>
#include <set>

#include <unistd.h>

namespace drukbox::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

/// A root file system made of a few of this machine's programs and the libraries that they need.
class ImageTest : public SandboxTest
{
protected:
    void SetUp() override
    {
        root_ = files_.path / "image";
        for (const char* const name :
             {"usr/bin", "usr/sbin", "usr/lib", "usr/lib64", "etc/deep", "var/tmp", "opt/data"})
            fs::create_directories(root_ / name);
        for (const char* const name : {"bin", "sbin", "lib", "lib64"})
            fs::create_directory_symlink(fs::path{"usr"} / name, root_ / name);
        for (const char* const program : {"/bin/sh", "/bin/cat", "/bin/ls", "/usr/bin/id", "/usr/bin/env"})
            add_program(program);
        std::ofstream{root_ / "etc/passwd"} << "imageuser:x:1:1::/:/bin/sh\n";
        std::ofstream{root_ / "etc/image-release"} << "made by a test\n";
        std::ofstream{root_ / "etc/deep/file"} << "deep\n";
        fs::create_symlink("../../opt/data/target", root_ / "etc/deep/upwards");
        std::ofstream{root_ / "opt/data/target"} << "found\n";
    }

    void add_program(const std::string& path)
    {
        copy(path);
        std::istringstream lines{run_command({"ldd", path}).out};
        for (std::string word; lines >> word;) {
            if (word.starts_with('/'))
                copy(word);
        }
    }

    service::Vm create_from_image()
    {
        service::VmSpec wanted = spec();
        wanted.image = root_;
        return create(wanted);
    }

    fs::path root_;

private:
    void copy(const std::string& path)
    {
        const fs::path target = root_ / fs::path{path}.relative_path();
        fs::create_directories(target.parent_path());
        fs::copy_file(fs::canonical(path), target, fs::copy_options::skip_existing);
    }
};

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
                                   "/etc/deep/file", "/.image-etc/x", "/var/x"})
        EXPECT_NE(ssh(vm, {std::string{"echo x > "} + path}).exit_code, 0) << path;
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
