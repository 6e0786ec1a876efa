#include "service/providers/support/cloud_ssh.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <optional>

namespace drukbox::service {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds pause{500};

} // namespace

asio::awaitable<void> wait_for_our_key(std::string provider, asio::thread_pool& blocking, Vm vm,
                                       Clock::time_point until)
{
    const ssh::Address address{vm.ssh_host, vm.ssh_port};
    for (;;) {
        std::string problem;
        try {
            co_await ssh::wait_for_ssh(blocking, address, vm.host_key, until);
        } catch (const ssh::NotReachable& error) {
            problem = error.what();
        }
        if (problem.empty()) {
            co_return;
        }
        if (Clock::now() + pause >= until) {
            throw ProviderError(provider + ": " + problem);
        }
        asio::steady_timer timer{co_await asio::this_coro::executor, pause};
        co_await timer.async_wait(asio::use_awaitable);
    }
}

asio::awaitable<std::string> scan_known_hosts(std::string provider, asio::thread_pool& blocking,
                                              ssh::Address address, Clock::time_point until)
{
    std::vector<std::string> keys;
    std::string problem;
    try {
        keys = co_await ssh::scan_host_keys(blocking, address, until);
    } catch (const ssh::NotReachable& error) {
        problem = error.what();
    }
    if (!problem.empty()) {
        throw ProviderError(provider + ": " + problem);
    }
    std::string lines;
    for (const auto& key : keys) {
        lines += ssh::known_hosts_line(address, key);
    }
    co_return lines;
}

} // namespace drukbox::service
