#include "local/command.hpp"
#include "providers/docker/engine_address.hpp"
#include "providers/run.hpp"
#include "service/providers/docker/docker_provider.hpp"
#include "service/ssh/key_pair.hpp"
#include "support/temporary_directory.hpp"

#include <boost/asio/thread_pool.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include <sys/stat.h>
#include <unistd.h>

namespace drukbox::test {
namespace {

using namespace drukbox::service;

/// What holds inside a container, looked at from inside, with each engine.
class DockerIsolationTest : public testing::TestWithParam<std::string>
{
protected:
    DockerIsolationTest()
        : address_(engine_address(GetParam()))
        , name_("sb-isolation-" + std::to_string(::getpid()))
    {
    }

    ~DockerIsolationTest() override
    {
        if (provider_) {
            run_on(reactor_, provider_->remove(name_));
        }
        blocking_.join();
    }

    void make_provider(const std::map<std::string, std::string>& settings)
    {
        Environment environment;
        environment.add("DOCKER_HOST", address_);
        environment.add("DOCKER_USER_PROCESSES", "4096");
        for (const auto& [name, value] : settings) {
            environment.add(name, value);
        }
        provider_ =
            docker::make_docker_provider(reactor_.get_executor(), blocking_,
                                         docker::DockerSettings::load(environment, "drukbox-isolation"));
    }

    Vm create(const std::optional<std::string>& instance_type = std::nullopt)
    {
        VmSpec spec;
        spec.name = name_;
        spec.image = provider_->default_image();
        spec.instance_type = instance_type;
        spec.authorized_key = caller_.public_key;
        spec.host_key = host_.private_key;
        spec.host_public_key = host_.public_key;
        const Vm vm = run_on(reactor_, provider_->create(std::move(spec)));
        run_on(reactor_, provider_->wait_until_reachable(vm));
        return vm;
    }

    std::string inside(const Vm& vm, const std::string& command)
    {
        const auto key = (files_.path() / "key").string();
        std::ofstream{key} << caller_.private_key.reveal();
        ::chmod(key.c_str(), 0600);
        std::ofstream{files_.path() / "known"} << vm.known_hosts;
        const auto outcome = run_command({"ssh", "-F", "none", "-i", key, "-o", "StrictHostKeyChecking=yes",
                                          "-o", "UserKnownHostsFile=" + (files_.path() / "known").string(),
                                          "-p", std::to_string(vm.ssh_port), "root@127.0.0.1", command});
        return outcome.out + outcome.err;
    }

    std::string address_;
    std::string name_;
    TemporaryDirectory files_;
    boost::asio::io_context reactor_;
    boost::asio::thread_pool blocking_{2};
    const ssh::KeyPair host_ = ssh::KeyPair::generate();
    const ssh::KeyPair caller_ = ssh::KeyPair::generate();
    std::unique_ptr<Provider> provider_;
};

TEST_P(DockerIsolationTest, HoldsPrivilegesMemoryAndProcesses)
{
    if (address_.starts_with("unavailable")) {
        GTEST_SKIP() << address_;
    }
    make_provider({{"DOCKER_PIDS", "64"}});
    const Vm vm = create("1x192m");
    EXPECT_THAT(inside(vm, "grep -E 'NoNewPrivs|CapBnd' /proc/self/status"),
                testing::AllOf(testing::HasSubstr("NoNewPrivs:\t1"),
                               testing::HasSubstr("CapBnd:\t00000000000404fb")));
    EXPECT_EQ(
        inside(vm, "cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null"),
        std::to_string(192U << 20U) + "\n");
    EXPECT_EQ(inside(vm, "cat /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/pids.max 2>/dev/null"), "64\n");
    EXPECT_THAT(inside(vm, "mount -t tmpfs none /mnt"), testing::HasSubstr("permission denied"));
}

TEST_P(DockerIsolationTest, RunsTheSetupScriptOnceBeforeSshAnswers)
{
    if (address_.starts_with("unavailable")) {
        GTEST_SKIP() << address_;
    }
    const auto script = files_.path() / "setup";
    std::ofstream{script} << "#!/bin/sh\necho ready >>/root/setup\n";
    make_provider({{"DOCKER_SETUP_SCRIPT", script}});
    EXPECT_EQ(inside(create(), "cat /root/setup; ls /var/lib/sandbox"), "ready\nbootstrap.done\n");
}

TEST_P(DockerIsolationTest, TellsWhyASetupScriptFailed)
{
    if (address_.starts_with("unavailable")) {
        GTEST_SKIP() << address_;
    }
    const auto script = files_.path() / "setup";
    std::ofstream{script} << "#!/bin/sh\necho no such luck >&2\nexit 3\n";
    make_provider({{"DOCKER_SETUP_SCRIPT", script}});
    try {
        create();
        ADD_FAILURE() << "it was made";
    } catch (const ProviderError& error) {
        EXPECT_THAT(error.what(),
                    testing::AllOf(testing::HasSubstr("exit code 64"), testing::HasSubstr("no such luck")));
    }
}

INSTANTIATE_TEST_SUITE_P(Engines, DockerIsolationTest, testing::Values("docker", "podman"),
                         [](const auto& info) { return info.param; });

} // namespace
} // namespace drukbox::test
