// Makes as many sandboxes as its argument says, all at once, says what became of each, and removes them. One
// that fails does not disturb the others. Needs SANDBOX_SERVICE_URL and SANDBOX_SERVICE_TOKEN in the
// environment.

#include <drukbox/drukbox.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>

namespace {

namespace asio = boost::asio;

asio::awaitable<void> use_one(const drukbox::SandboxAPI& sandbox)
{
    const drukbox::SandboxHost host = co_await sandbox.create_host();
    std::cout << host.name << " is " << host.status << '\n';
    co_await sandbox.delete_host(host.id);
}

} // namespace

int main(int argc, char** argv)
try {
    const int count = argc > 1 ? std::stoi(argv[1]) : 10;
    // One client for all of them: they share its connections, and wait for one when all are in use.
    const drukbox::SandboxAPI sandbox = drukbox::SandboxAPI::from_env();
    asio::io_context io;
    int failed = 0;
    const auto done = [&failed](std::exception_ptr failure) {
        try {
            if (failure) {
                std::rethrow_exception(failure);
            }
        } catch (const drukbox::SandboxError& error) {
            std::cerr << "many_hosts: " << error.operation() << ": " << error.what() << '\n';
            ++failed;
        }
    };
    for (int i = 0; i < count; ++i) {
        asio::co_spawn(io, use_one(sandbox), done);
    }
    io.run();
    std::cout << count - failed << " of " << count << " went well\n";
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
} catch (const std::exception& error) {
    std::cerr << "many_hosts: " << error.what() << '\n';
    return EXIT_FAILURE;
}
