// Makes a sandbox over a bad network: repeats what may be repeated, after a growing pause, and always with
// the same idempotency key, so that however often it asks there is one sandbox. Needs SANDBOX_SERVICE_URL and
// SANDBOX_SERVICE_TOKEN in the environment; its argument is the name of the job that the sandbox is for.

#include <drukbox/drukbox.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <optional>
#include <random>
#include <string>
#include <utility>

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// How often, and how far apart.
class Backoff
{
public:
    explicit Backoff(int attempts)
        : attempts_left_(attempts)
    {
    }

    /// How long to wait before the next attempt; nothing when it is time to give up. A part of it is left to
    /// chance, or all the clients that one outage has stopped would come back together.
    std::optional<std::chrono::milliseconds> next()
    {
        if (--attempts_left_ <= 0) {
            return std::nullopt;
        }
        const auto pause = std::exchange(pause_, std::min<std::chrono::milliseconds>(2 * pause_, 10s));
        return std::chrono::milliseconds{
            std::uniform_int_distribution<long>{pause.count() / 2, pause.count()}(random_)};
    }

private:
    int attempts_left_;
    std::chrono::milliseconds pause_ = 100ms;
    std::minstd_rand random_{std::random_device{}()};
};

/// Precondition: the request has an idempotency key; without one a create that was cut off is not
/// retryable().
asio::awaitable<drukbox::SandboxHost> create_with_patience(drukbox::SandboxAPI sandbox,
                                                           drukbox::CreateHostRequest request)
{
    asio::steady_timer timer{co_await asio::this_coro::executor};
    Backoff backoff{6};
    for (;;) {
        std::optional<std::chrono::milliseconds> pause;
        try {
            drukbox::CreateHostRequest attempt = request;
            co_return co_await sandbox.create_host(std::move(attempt));
        } catch (const drukbox::SandboxError& error) {
            if (error.retryable()) {
                pause = backoff.next();
            }
            if (pause && error.retry_after()) {
                pause = std::max<std::chrono::milliseconds>(*pause, *error.retry_after());
            }
            if (!pause) {
                throw;
            }
            std::cerr << "idempotent_retry: " << error.what() << "; again in " << pause->count() << " ms\n";
        }
        timer.expires_after(*pause);
        co_await timer.async_wait(asio::use_awaitable);
    }
}

asio::awaitable<void> run(std::string job)
{
    const drukbox::SandboxAPI sandbox = drukbox::SandboxAPI::from_env();
    auto request = drukbox::CreateHostRequest{}.idempotency_key("job-" + job);
    const drukbox::SandboxHost host = co_await create_with_patience(sandbox, std::move(request));
    std::cout << host.name << " is " << host.status << '\n';
}

} // namespace

int main(int argc, char** argv)
{
    asio::io_context io;
    int status = EXIT_SUCCESS;
    const auto done = [&status](std::exception_ptr failure) {
        try {
            if (failure) {
                std::rethrow_exception(failure);
            }
        } catch (const std::exception& error) {
            std::cerr << "idempotent_retry: " << error.what() << '\n';
            status = EXIT_FAILURE;
        }
    };
    asio::co_spawn(io, run(argc > 1 ? argv[1] : "1"), done);
    io.run();
    return status;
}
