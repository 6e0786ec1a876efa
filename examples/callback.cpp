// Makes a sandbox, says how to reach it, and removes it again, with callbacks. Needs SANDBOX_SERVICE_URL and
// SANDBOX_SERVICE_TOKEN in the environment.

#include <drukbox/drukbox.hpp>

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdlib>
#include <exception>
#include <iostream>
#include <memory>
#include <string>
#include <utility>

namespace {

/// One sandbox from its beginning to its end. The callbacks share it, so that it lives as long as one is due.
class Session : public std::enable_shared_from_this<Session>
{
public:
    Session(boost::asio::io_context& io, drukbox::SandboxAPI sandbox)
        : io_(io)
        , sandbox_(std::move(sandbox))
    {
    }

    // Without it, a callback would run on a thread of Asio's system executor.
    template <class Callback>
    auto on_io(Callback callback)
    {
        return boost::asio::bind_executor(io_, std::move(callback));
    }

    [[nodiscard]] bool succeeded() const noexcept { return succeeded_; }

    void start()
    {
        auto created = [self = shared_from_this()](std::exception_ptr failure, drukbox::SandboxHost host) {
            self->on_created(std::move(failure), std::move(host));
        };
        sandbox_.create_host(drukbox::CreateHostRequest{}.env("FOO", "bar"), on_io(std::move(created)));
    }

private:
    void on_created(std::exception_ptr failure, const drukbox::SandboxHost& host)
    {
        if (failure) {
            report(std::move(failure));
            return;
        }
        std::cout << host.name << " is " << host.status << ": ssh -p " << host.external_ssh_port << ' '
                  << host.ssh_username << '@' << host.external_ssh_host << '\n';
        auto deleted = [self = shared_from_this()](std::exception_ptr f) { self->on_deleted(std::move(f)); };
        sandbox_.delete_host(host.id, on_io(std::move(deleted)));
    }

    void on_deleted(std::exception_ptr failure)
    {
        if (failure) {
            report(std::move(failure));
            return;
        }
        succeeded_ = true;
    }

    static void report(std::exception_ptr failure)
    {
        try {
            std::rethrow_exception(std::move(failure));
        } catch (const drukbox::SandboxError& error) {
            std::cerr << "callback: " << error.operation() << ": " << error.what() << '\n';
        }
    }

    boost::asio::io_context& io_;
    drukbox::SandboxAPI sandbox_;
    bool succeeded_ = false;
};

} // namespace

int main()
try {
    boost::asio::io_context io;
    const auto session = std::make_shared<Session>(io, drukbox::SandboxAPI::from_env());
    session->start();
    io.run();
    return session->succeeded() ? EXIT_SUCCESS : EXIT_FAILURE;
} catch (const drukbox::SandboxUsageError& error) {
    std::cerr << "callback: " << error.what() << '\n';
    return EXIT_FAILURE;
}
