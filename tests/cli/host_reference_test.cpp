#include "cli/expect_failure.hpp"
#include "cli/host_reference.hpp"

#include <gtest/gtest.h>

namespace drukbox::cli {
namespace {

SandboxHost host(const std::string& id, const std::string& name)
{
    SandboxHost made;
    made.id = id;
    made.name = name;
    return made;
}

class FindHostTest : public ::testing::Test
{
protected:
    std::vector<SandboxHost> hosts_{
        host("01980000-0000-7000-8000-aaaaaaaaaaaa", "sb-aaaaaaaaaaaa"),
        host("01980000-0000-7000-8000-aaaabbbbbbbb", "sb-aaaabbbbbbbb"),
        host("01990000-0000-7000-8000-000000000001", "worker"),
        host("01990000-0000-7000-8000-000000000002", "worker-2"),
    };
};

TEST_F(FindHostTest, ListsTheCandidatesOfAnAmbiguousPrefix)
{
    const Failure failure = failure_of([&] { (void)find_host(hosts_, "sb-aaaa"); });
    EXPECT_EQ(failure.code(), ExitCode::usage);
    const std::string message = failure.what();
    EXPECT_NE(message.find("sb-aaaaaaaaaaaa"), std::string::npos) << message;
    EXPECT_NE(message.find("sb-aaaabbbbbbbb"), std::string::npos) << message;
    EXPECT_EQ(message.find("worker"), std::string::npos) << message;
}

TEST_F(FindHostTest, RefusesWhatFitsNoHost)
{
    EXPECT_EQ(failure_of([&] { (void)find_host(hosts_, "sb-c"); }).code(), ExitCode::not_found);
    EXPECT_EQ(failure_of([&] { (void)find_host({}, "sb-a"); }).code(), ExitCode::not_found);
    EXPECT_EQ(failure_of([&] { (void)find_host(hosts_, ""); }).code(), ExitCode::usage);
}

TEST_F(FindHostTest, TakesNamesIdsAndTheirUniquePrefixes)
{
    EXPECT_EQ(find_host(hosts_, "sb-aaaaaaaaaaaa").name, "sb-aaaaaaaaaaaa");
    EXPECT_EQ(find_host(hosts_, "sb-aaaab").name, "sb-aaaabbbbbbbb");
    EXPECT_EQ(find_host(hosts_, "01990000-0000-7000-8000-000000000001").name, "worker");
    EXPECT_EQ(find_host(hosts_, "01980000-0000-7000-8000-aaaab").name, "sb-aaaabbbbbbbb");
}

TEST_F(FindHostTest, AnExactNameBeatsALongerOneThatBeginsWithIt)
{
    EXPECT_EQ(find_host(hosts_, "worker").id, "01990000-0000-7000-8000-000000000001");
}

} // namespace
} // namespace drukbox::cli
