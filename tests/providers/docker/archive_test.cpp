#include "local/command.hpp"
#include "service/providers/docker/key_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace drukbox::service::docker {
namespace {

TEST(TarArchiveTest, IsOneForTar)
{
    VmSpec spec;
    spec.host_key = Redacted{"private\n"};
    spec.host_public_key = "ssh-ed25519 AAAA";
    spec.authorized_key = "ssh-ed25519 BBBB";
    Account user;
    user.owner.uid = 1000;
    user.owner.gid = 1001;
    user.home = "home/somebody";
    const auto archive = boot_archive(spec, user, "#!/bin/sh\n");
    const auto listed = test::run_command({"tar", "--numeric-owner", "-tvf", "-"}, archive);
    EXPECT_EQ(listed.exit_code, 0) << listed.err;
    EXPECT_THAT(listed.out, testing::HasSubstr("-rw------- 0/0"));
    EXPECT_THAT(listed.out, testing::HasSubstr("drwx------ 1000/1001"));
    EXPECT_THAT(listed.out,
                testing::ContainsRegex("-rw------- 1000/1001 .* home/somebody/.ssh/authorized_keys"));
    EXPECT_THAT(listed.out, testing::ContainsRegex("-rwxr-xr-x 0/0 .* etc/drukbox/setup"));
    const auto key = test::run_command({"tar", "-xOf", "-", "home/somebody/.ssh/authorized_keys"}, archive);
    EXPECT_EQ(key.out, "ssh-ed25519 BBBB\n");
}

TEST(TarArchiveTest, FindsTheFirstFileAndNoneInWhatIsCutOff)
{
    TarArchive archive;
    archive.add_directory("a/", 0755, Owner{});
    archive.add_file("a/b", 0644, Owner{}, "content");
    const auto whole = archive.str();
    EXPECT_EQ(first_file(whole), "content");
    for (const std::size_t size : {std::size_t{0}, std::size_t{511}, std::size_t{512}, std::size_t{1024}}) {
        EXPECT_EQ(first_file(std::string_view{whole}.substr(0, size)), std::nullopt) << size;
    }
    EXPECT_EQ(first_file(std::string(2048, 'x')), std::nullopt);
}

TEST(AccountTest, IsReadFromTheImagesUsers)
{
    const std::string users = "root:x:0:0:root:/root:/bin/bash\nbox:x:1000:1001::/home/box:/bin/sh\n"
                              "bad:x:none:0::/:\nshort:x\n";
    const auto account = find_account(users, "box");
    EXPECT_EQ(account.owner.uid, 1000U);
    EXPECT_EQ(account.owner.gid, 1001U);
    EXPECT_EQ(account.home, "home/box");
    EXPECT_THROW(static_cast<void>(find_account(users, "nobody")), ProviderError);
    EXPECT_THROW(static_cast<void>(find_account(users, "bad")), ProviderError);
    EXPECT_THROW(static_cast<void>(find_account("", "short")), ProviderError);
}

} // namespace
} // namespace drukbox::service::docker
