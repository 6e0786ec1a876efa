#pragma once

#include "local/command.hpp"
#include "service/providers/local/local_provider.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace drukbox::test {

/// A directory of its own that everybody may enter, removed at the end.
class TemporaryDirectory
{
public:
    explicit TemporaryDirectory(const std::filesystem::path& in = std::filesystem::temp_directory_path());
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    ~TemporaryDirectory();

    std::filesystem::path path;
};

/// A local provider with a state directory of its own, and clients with keys of their own. The tests run as
/// whoever starts them; whatever they leave behind is removed in the end.
class SandboxTest : public testing::Test
{
protected:
    SandboxTest();
    ~SandboxTest() override;

    /// Forgets the provider, as a service that ends does, and makes another one with the settings.
    void restart_service();

    service::VmSpec spec();

    /// Runs a coroutine to its end.
    template <class Result>
    Result run(boost::asio::awaitable<Result> task)
    {
        auto future = boost::asio::co_spawn(reactor_, std::move(task), boost::asio::use_future);
        reactor_.restart();
        while (future.wait_for(std::chrono::seconds{0}) != std::future_status::ready) {
            reactor_.run_one();
        }
        return future.get();
    }

    /// A machine that SSH answers on.
    service::Vm create();
    service::Vm create(service::VmSpec spec);

    /// Waits for SSH, and tells the clients the host key.
    void reach(const service::Vm& vm);

    void remove(const std::string& name);
    boost::asio::awaitable<bool> set_deadline(std::string name, std::optional<wire::Timestamp> deadline);
    std::map<std::string, bool> list();

    /// The words of a client's command line, host key checking strict, up to the options that differ.
    std::vector<std::string> client(const std::string& program, const service::Vm& vm);

    Outcome ssh(const service::Vm& vm, const std::vector<std::string>& command,
                const std::string& input = {});

    [[nodiscard]] std::filesystem::path directory(const std::string& name) const
    {
        return settings_.state_dir / "sandboxes" / name;
    }

    /// The pid of the keeper of this sandbox; 0 when there is none.
    static int keeper_pid(const std::string& name);

    /// The directories of this sandbox's cgroups.
    std::vector<std::string> cgroups(const std::string& name);

    /// That of them by which processors are shared; empty where there is none.
    std::string cpu_group(const std::string& name);

    /// Whether each sandbox has a host uid of its own here.
    bool has_uids();

    /// The pid of the acceptor, the first process inside.
    static int first_process(const service::Vm& vm);

    /// The processes below this one, itself included.
    static std::vector<int> process_tree(int pid);

    /// Waits until none of them is there any more. Nothing reaps zombies of keepers but the reactor, and
    /// those of orphans but the machine's first process.
    bool all_gone(const std::vector<int>& processes);

    TemporaryDirectory files_;
    service::local::LocalSettings settings_;
    boost::asio::io_context reactor_;
    boost::asio::thread_pool blocking_{4};
    std::unique_ptr<service::Provider> provider_;
    std::string client_key_;
};

/// Waits until a condition that nothing announces holds.
bool eventually(const std::function<bool()>& condition,
                std::chrono::seconds patience = std::chrono::seconds{60});

bool process_exists(int pid);

/// `T` when it is stopped, `D` when nothing can wake it; nothing when it has ended.
std::string process_state(int pid);

/// What `ps` calls it.
std::string process_name(int pid);

/// /proc/PID/status, without the white space around the values; empty when there is no such process.
std::map<std::string, std::string> status_of(int pid);

/// The program of attacker.cpp.
std::string attacker_program();

} // namespace drukbox::test
