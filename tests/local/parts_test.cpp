#include "keeper/config.hpp"
#include "local/sandbox_test.hpp"
#include "service/providers/local/programs.hpp"
#include "service/providers/local/sandbox_etc.hpp"
#include "service/providers/local/subordinate_ids.hpp"
#include "service/providers/local/uid_pool.hpp"

#include <fstream>
#include <set>

namespace drukbox::test {
namespace {

using service::ProviderError;
using service::local::complaint_about_bwrap;
using service::local::SubordinateIds;
using service::local::UidClaim;
using service::local::usable_nameservers;

TEST(KeeperConfig, IsReadAsItWasWritten)
{
    keeper::Config config;
    config.name = "sb-1";
    config.uid = 1234;
    config.gid = 1235;
    config.newuidmap = "/usr/bin/newuidmap";
    config.newgidmap = "/usr/bin/newgidmap";
    config.deadline = 1'700'000'000'000'000;
    config.bwrap = "/usr/bin/bwrap";
    config.cgroups = {"/a b", "/c"};
    config.cpu_group = "/a b";
    config.guest_command = {"/etc/drukbox/guest", "acceptor", "x y"};
    config.sources = 5;
    config.remounts = {{"/tmp", "nr_inodes=5,size=1 m"}, {"/dev/pts", "max=3"}};
    EXPECT_EQ(keeper::Config::parse(config.format()).format(), config.format());
    EXPECT_EQ(keeper::Config::parse(config.format()).cpu_group, config.cpu_group);
}

TEST(KeeperConfig, WhatIsCutOffOrUnknownIsRefused)
{
    for (const char* const text :
         {"name", "name sb-1", "what ever\n", "uid x\n", "uid 1x\n", "remount /tmp\n"}) {
        EXPECT_THROW((void)keeper::Config::parse(text), std::runtime_error) << text;
    }
}

TEST(SubordinateRanges, AreTheFirstThatTheFilesGiveAUser)
{
    const std::string uids = "# a comment\nroot:1:5\nbox:0:9\nboxer:7:7\nbox:100000:65536\nbox:900000:1\n";
    const SubordinateIds ids = SubordinateIds::of("box", 1000, uids, "1000:200000:5000\n");
    EXPECT_EQ(ids.first_uid, 100'000U);
    EXPECT_EQ(ids.first_gid, 200'000U);
    EXPECT_EQ(ids.count, 5000U);
}

TEST(SubordinateRanges, AreNoneUnlessBothFilesGiveOne)
{
    EXPECT_EQ(SubordinateIds::of("box", 1000, "box:100000:65536\n", "").count, 0U);
    EXPECT_EQ(SubordinateIds::of("box", 1000, "", "box:100000:65536\n").count, 0U);
    for (const char* const text :
         {"box", "box:", "box:1", "box:x:5", "box:5:0", "box:0:5", "box:5:-1", "box:1:5:7"}) {
        EXPECT_EQ(SubordinateIds::of("box", 1000, text, text).count, 0U) << text;
    }
}

TEST_F(SandboxTest, StrictIsolationHasAUidEachOrNoSandbox)
{
    settings_.isolation = service::local::Isolation::strict;
    restart_service();
    if (has_uids()) {
        EXPECT_EQ(ssh(create(), {"echo in"}).out, "in\n");
        return;
    }
    EXPECT_FALSE(run(provider_->diagnose()).ok);
    EXPECT_THAT(provider_->warnings(), testing::Contains(testing::HasSubstr("no sandbox can be made")));
    EXPECT_THROW((void)create(), ProviderError);
    EXPECT_EQ(list(), (std::map<std::string, bool>{}));
}

TEST_F(SandboxTest, OneUidForAllIsWarnedOf)
{
    const auto warned = testing::Contains(testing::HasSubstr("share this user's uid"));
    if (has_uids()) {
        EXPECT_THAT(provider_->warnings(), testing::Not(warned));
    } else {
        EXPECT_THAT(provider_->warnings(), warned);
    }
}

class FakeBwrap
{
public:
    explicit FakeBwrap(const std::string& script)
        : path(directory_.path / "bwrap")
    {
        std::ofstream{path} << "#!/bin/sh\n" << script;
        std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    }

private:
    TemporaryDirectory directory_;

public:
    std::string path;
};

TEST(Bwrap, MustBeAbleToBindByDescriptor)
{
    EXPECT_EQ(complaint_about_bwrap("/usr/bin/bwrap"), "");
    const FakeBwrap old{"echo '    --ro-bind SRC DEST'\n"};
    EXPECT_THAT(complaint_about_bwrap(old.path), testing::HasSubstr("0.8.0-2+deb12u1"));
    const FakeBwrap broken{"echo '    --ro-bind-fd FD DEST'\nexit 1\n"};
    EXPECT_THAT(complaint_about_bwrap(broken.path), testing::HasSubstr("fails or does not end"));
    const FakeBwrap hanging{"echo '    --ro-bind-fd FD DEST'\nexec sleep 1000\n"};
    EXPECT_THAT(complaint_about_bwrap(hanging.path, std::chrono::milliseconds{10}),
                testing::HasSubstr("fails or does not end"));
}

TEST(Nameservers, LoopbackLinkLocalAndIpv6OnesAreOfNoUse)
{
    EXPECT_THAT(usable_nameservers(
                    "# comment\nnameserver 127.0.0.53\nnameserver 169.254.169.254\n"
                    "nameserver fe80::1\nnameserver 2001:db8::1\nnameserver\nsearch example.org\n"
                    "nameserver 192.0.2.53\n  nameserver\t198.51.100.1 trailing\nnameserver 0.0.0.0\n"),
                testing::ElementsAre("192.0.2.53", "198.51.100.1"));
}

TEST(UidClaims, AreDifferentAsLongAsTheyAreHeldAndComeBack)
{
    const TemporaryDirectory directory;
    std::vector<UidClaim> claims;
    std::set<std::uint32_t> uids;
    for (int i = 0; i < 20; ++i) {
        claims.push_back(UidClaim::take(5000, 20, directory.path));
        uids.insert(claims.back().uid);
    }
    EXPECT_EQ(uids.size(), 20U);
    EXPECT_EQ(*uids.begin(), 5000U);
    EXPECT_EQ(*uids.rbegin(), 5019U);
    EXPECT_THROW((void)UidClaim::take(5000, 20, directory.path), ProviderError);
    const std::uint32_t freed = claims[7].uid;
    claims[7].lock.reset();
    EXPECT_EQ(UidClaim::take(5000, 20, directory.path).uid, freed);
}

} // namespace
} // namespace drukbox::test
