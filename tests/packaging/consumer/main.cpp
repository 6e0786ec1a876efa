// Asks a closed port for a host: the error that comes back was thrown by the library and has to be caught by
// its type here. Prints the library's version.

#include <drukbox/drukbox.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_future.hpp>

#include <iostream>
#include <string>

namespace {

/// A port that nobody listens on: bound, so that nobody else gets it, and not listened on.
class ClosedPort
{
public:
    ClosedPort()
        : socket_(io_, {boost::asio::ip::address_v4::loopback(), 0})
    {
    }

    [[nodiscard]] std::string url() const
    {
        return "http://127.0.0.1:" + std::to_string(socket_.local_endpoint().port());
    }

private:
    boost::asio::io_context io_;
    boost::asio::ip::tcp::socket socket_;
};

boost::asio::awaitable<int> refusals(std::string url)
{
    drukbox::SandboxAPI sandbox{url, "token"};
    int refused = 0;
    try {
        co_await sandbox.get_host("018f4e9c-0000-7000-8000-000000000000");
    } catch (const drukbox::SandboxUnavailableError& error) {
        refused += error.status() == 0 && error.retryable() ? 1 : 0;
    }
    try {
        co_await sandbox.get_host("");
    } catch (const drukbox::SandboxUsageError&) {
        ++refused;
    }
    co_return refused;
}

} // namespace

int main()
{
    const ClosedPort port;
    boost::asio::io_context io;
    auto refused = boost::asio::co_spawn(io, refusals(port.url()), boost::asio::use_future);
    io.run();
    if (refused.get() != 2 || drukbox::version() != DRUKBOX_VERSION_STRING) {
        std::cerr << "not what was expected of drukbox " << drukbox::version() << '\n';
        return 1;
    }

    drukbox::SandboxClient blocking{port.url(), "token"};
    try {
        (void)blocking.list_hosts();
        return 1;
    } catch (const drukbox::SandboxAPIError&) {
        return 1; // nobody answered
    } catch (const drukbox::SandboxError& error) {
        std::cout << "drukbox " << drukbox::version() << ": " << error.operation() << " failed\n";
    }
}
