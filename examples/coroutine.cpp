// Works with a sandbox for as long as it takes, and keeps its lease short meanwhile: should this program die,
// the service removes the sandbox soon. Needs SANDBOX_SERVICE_URL and SANDBOX_SERVICE_TOKEN in the
// environment.

#include <drukbox/drukbox.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>
#include <utility>
#include <variant>

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr auto lease = 10min;

drukbox::Lease short_lease()
{
    return drukbox::Lease::until(std::chrono::system_clock::now() + lease);
}

/// Never returns; throws when the host is gone.
asio::awaitable<void> keep_alive(const drukbox::SandboxAPI& sandbox, const std::string& host_id)
{
    asio::steady_timer timer{co_await asio::this_coro::executor};
    for (;;) {
        co_await sandbox.renew_host(host_id, short_lease());
        timer.expires_after(lease / 2);
        co_await timer.async_wait(asio::use_awaitable);
    }
}

/// What this program is about.
asio::awaitable<void> work(const drukbox::SandboxAPI& sandbox, const std::string& host_id)
{
    const drukbox::SandboxHost host = co_await sandbox.with_timeout(10s).get_host(host_id);
    std::cout << "working on " << host.name << " at " << host.external_ssh_host << '\n';
}

/// Ends well, with what the task ended with: `||` waits on when one of its sides fails.
asio::awaitable<std::exception_ptr> ending_of(asio::awaitable<void> task)
{
    try {
        co_await std::move(task);
    } catch (...) {
        co_return std::current_exception();
    }
    co_return nullptr;
}

asio::awaitable<void> run()
{
    using namespace asio::experimental::awaitable_operators;

    const drukbox::SandboxAPI sandbox = drukbox::SandboxAPI::from_env();
    auto request = drukbox::CreateHostRequest{}.expires(short_lease());
    const drukbox::SandboxHost host = co_await sandbox.create_host(std::move(request));

    // Whichever ends first cancels the other, and with it the call that it waits for.
    const auto ending =
        co_await (ending_of(work(sandbox, host.id)) || ending_of(keep_alive(sandbox, host.id)));
    co_await sandbox.delete_host(host.id);
    const auto failure = std::visit([](const std::exception_ptr& of_first) { return of_first; }, ending);
    if (failure) {
        std::rethrow_exception(failure);
    }
    std::cout << "done\n";
}

} // namespace

int main()
{
    asio::io_context io;
    int status = EXIT_SUCCESS;
    const auto done = [&status](std::exception_ptr failure) {
        try {
            if (failure) {
                std::rethrow_exception(failure);
            }
        } catch (const std::exception& error) {
            std::cerr << "coroutine: " << error.what() << '\n';
            status = EXIT_FAILURE;
        }
    };
    asio::co_spawn(io, run(), done);
    io.run();
    return status;
}
