// Makes a sandbox, says how to reach it, and removes it again. Needs SANDBOX_SERVICE_URL and
// SANDBOX_SERVICE_TOKEN in the environment.

#include <drukbox/drukbox.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdlib>
#include <exception>
#include <iostream>
#include <utility>

namespace {

boost::asio::awaitable<void> run()
{
    drukbox::SandboxAPI sandbox{drukbox::SandboxConfig::from_env()};

    auto request = drukbox::CreateHostRequest{}.env("FOO", "bar").idempotency_key("quickstart-42");
    const drukbox::SandboxHost host = co_await sandbox.create_host(std::move(request));
    std::cout << host.name << " is " << host.status << ": ssh -p " << host.external_ssh_port << ' '
              << host.ssh_username << '@' << host.external_ssh_host << '\n';

    co_await sandbox.delete_host(host.id);
}

} // namespace

int main()
{
    boost::asio::io_context io;
    int status = EXIT_SUCCESS;
    const auto done = [&status](std::exception_ptr failure) {
        try {
            if (failure) {
                std::rethrow_exception(failure);
            }
        } catch (const std::exception& error) {
            std::cerr << "quickstart: " << error.what() << '\n';
            status = EXIT_FAILURE;
        }
    };
    boost::asio::co_spawn(io, run(), done);
    io.run();
    return status;
}
