#pragma once

#include "local/sandbox_test.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace drukbox::test {

/// A root file system made of a few of this machine's programs and the libraries that they need.
class ImageTest : public SandboxTest
{
protected:
    void SetUp() override
    {
        settings_.image_dirs = {files_.path / "images"};
        restart_service();
        root_ = files_.path / "images/image";
        for (const char* const name :
             {"usr/bin", "usr/sbin", "usr/lib", "usr/lib64", "etc/deep", "var/tmp", "opt/data"}) {
            std::filesystem::create_directories(root_ / name);
        }
        for (const char* const name : {"bin", "sbin", "lib", "lib64"}) {
            std::filesystem::create_directory_symlink(std::filesystem::path{"usr"} / name, root_ / name);
        }
        for (const char* const program : {"/bin/sh", "/bin/cat", "/bin/ls", "/usr/bin/id", "/usr/bin/env"}) {
            add_program(program);
        }
        std::ofstream{root_ / "etc/passwd"} << "imageuser:x:1:1::/:/bin/sh\n";
        std::ofstream{root_ / "etc/image-release"} << "made by a test\n";
        std::ofstream{root_ / "etc/deep/file"} << "deep\n";
        std::filesystem::create_symlink("../../opt/data/target", root_ / "etc/deep/upwards");
        std::ofstream{root_ / "opt/data/target"} << "found\n";
    }

    void add_program(const std::string& path)
    {
        copy(path);
        std::istringstream lines{run_command({"ldd", path}).out};
        for (std::string word; lines >> word;) {
            if (word.starts_with('/')) {
                copy(word);
            }
        }
    }

    service::Vm create_from_image()
    {
        service::VmSpec wanted = spec();
        wanted.image = root_;
        return create(wanted);
    }

    std::filesystem::path root_;

private:
    void copy(const std::string& path)
    {
        const std::filesystem::path target = root_ / std::filesystem::path{path}.relative_path();
        std::filesystem::create_directories(target.parent_path());
        std::filesystem::copy_file(std::filesystem::canonical(path), target,
                                   std::filesystem::copy_options::skip_existing);
    }
};

} // namespace drukbox::test
