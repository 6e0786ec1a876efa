#include "service/providers/local/local_provider.hpp"

#include "service/providers/local/authorized_key.hpp"
#include "service/providers/local/launcher.hpp"
#include "service/providers/local/running_keeper.hpp"
#include "service/providers/local/sandbox_directory.hpp"
#include "service/runtime/blocking.hpp"
#include "service/ssh/readiness.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/channel.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <charconv>
#include <chrono>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>

#include <sys/wait.h>

namespace drukbox::service::local {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

/// As many starts at a time as keep the processors busy; more would only make each of them slower.
std::size_t starts_at_a_time()
{
    return 4 * std::max(1U, std::thread::hardware_concurrency());
}

/// A bounded number of tickets; a coroutine that wants one waits its turn.
class Turnstile
{
public:
    class Ticket
    {
    public:
        using Channel = asio::experimental::channel<void(error_code)>;

        explicit Ticket(std::shared_ptr<Channel> channel)
            : channel_(std::move(channel))
        {
        }

        Ticket(Ticket&&) noexcept = default;
        Ticket& operator=(Ticket&&) = delete;

        ~Ticket()
        {
            if (channel_) {
                channel_->try_receive([](error_code) {});
            }
        }

    private:
        std::shared_ptr<Channel> channel_;
    };

    Turnstile(const asio::any_io_executor& executor, std::size_t tickets)
        : channel_(std::make_shared<Ticket::Channel>(executor, tickets))
    {
    }

    asio::awaitable<Ticket> enter()
    {
        const auto channel = channel_;
        co_await channel->async_send(error_code{}, asio::use_awaitable);
        co_return Ticket{channel};
    }

private:
    std::shared_ptr<Ticket::Channel> channel_;
};

/// One line from something with async_read_some() and cancel(), without its end; empty when the stream ends
/// or the time is over first.
template <class Stream>
asio::awaitable<std::string> read_line(std::shared_ptr<Stream> stream,
                                       std::chrono::steady_clock::time_point until)
{
    asio::steady_timer timer{co_await asio::this_coro::executor, until};
    auto on_timeout = [stream](error_code error) {
        error_code ignored;
        if (!error) {
            stream->cancel(ignored);
        }
    };
    timer.async_wait(on_timeout);
    constexpr std::size_t longest = 8192;
    std::string buffer;
    error_code error;
    const std::size_t size =
        co_await asio::async_read_until(*stream, asio::dynamic_buffer(buffer, longest), '\n',
                                        asio::redirect_error(asio::use_awaitable, error));
    co_return error ? std::string{} : buffer.substr(0, size - 1);
}

/// Keeps an ended keeper from being a zombie as long as this process lives.
asio::awaitable<void> reap(posix::UniqueFd process)
{
    const int fd = process.release();
    asio::posix::stream_descriptor descriptor{co_await asio::this_coro::executor, fd};
    error_code error;
    co_await descriptor.async_wait(asio::posix::stream_descriptor::wait_read,
                                   asio::redirect_error(asio::use_awaitable, error));
    siginfo_t info{};
    ::waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(fd), &info, WEXITED | WNOHANG);
}

constexpr Capabilities abilities{.mints_key = true,
                                 .replaces_key = true,
                                 .exclusive_inventory = true,
                                 .inventory_lag = std::chrono::seconds{0}};

class LocalProvider final : public Provider
{
public:
    LocalProvider(asio::any_io_executor reactor, asio::thread_pool& blocking, LocalSettings settings)
        : reactor_(std::move(reactor))
        , blocking_(blocking)
        , launcher_(std::make_shared<Launcher>(std::move(settings)))
        , starts_(reactor_, starts_at_a_time())
    {
    }

    [[nodiscard]] std::string_view name() const noexcept override { return "local"; }

    [[nodiscard]] Capabilities capabilities() const noexcept override { return abilities; }

    [[nodiscard]] std::string default_image() const override { return launcher_->settings().default_image; }

    [[nodiscard]] std::string_view hint() const noexcept override { return "check_local_sandbox_programs"; }

    [[nodiscard]] std::vector<std::string> warnings() const override { return launcher_->warnings(); }

    [[nodiscard]] asio::awaitable<Vm> create(VmSpec spec) override;
    [[nodiscard]] asio::awaitable<void> wait_until_reachable(const Vm& vm) override;
    [[nodiscard]] asio::awaitable<void> remove(std::string name) override;
    [[nodiscard]] asio::awaitable<void> set_deadline(std::string name,
                                                     std::optional<wire::Timestamp> deadline) override;
    [[nodiscard]] asio::awaitable<void> replace_key(std::string name, std::string authorized_key) override;
    [[nodiscard]] asio::awaitable<std::vector<VmSummary>> list() override;
    [[nodiscard]] asio::awaitable<Diagnosis> diagnose() override;

private:
    [[nodiscard]] std::chrono::steady_clock::time_point patience() const
    {
        return std::chrono::steady_clock::now() +
               std::chrono::seconds{launcher_->settings().ready_timeout_seconds};
    }

    asio::any_io_executor reactor_;
    asio::thread_pool& blocking_;
    std::shared_ptr<Launcher> launcher_;
    Turnstile starts_;
};

std::uint16_t ready_port(const std::string& line)
{
    constexpr std::string_view ready = "ready ";
    constexpr std::string_view failed = "error ";
    std::uint16_t port = 0;
    if (line.starts_with(ready)) {
        std::from_chars(line.data() + ready.size(), line.data() + line.size(), port);
    }
    if (port != 0) {
        return port;
    }
    if (line.starts_with(failed)) {
        throw ProviderError("the sandbox did not start: " + line.substr(failed.size()));
    }
    throw ProviderError("the sandbox did not start in time");
}

asio::awaitable<Vm> LocalProvider::create(VmSpec spec)
{
    const auto ticket = co_await starts_.enter();
    auto launch = [launcher = launcher_, &spec] { return launcher->launch(spec); };
    KeeperProcess keeper = co_await run_blocking(blocking_, std::move(launch));
    asio::co_spawn(reactor_, reap(std::move(keeper.process)), asio::detached);

    const auto ready = std::make_shared<asio::posix::stream_descriptor>(reactor_, keeper.ready.release());
    const std::string line = co_await read_line(ready, patience());
    Vm vm;
    vm.name = spec.name;
    vm.ssh_host = "127.0.0.1";
    vm.ssh_port = ready_port(line);
    vm.ssh_username = launcher_->settings().ssh_username;
    vm.host_key = spec.host_public_key;
    vm.known_hosts = ssh::known_hosts_line({vm.ssh_host, vm.ssh_port}, vm.host_key);
    co_return vm;
}

asio::awaitable<void> LocalProvider::wait_until_reachable(const Vm& vm)
{
    const auto until = patience();
    const asio::ip::tcp::endpoint endpoint{asio::ip::make_address(vm.ssh_host), vm.ssh_port};
    const auto socket = std::make_shared<asio::ip::tcp::socket>(reactor_);
    error_code error;
    co_await socket->async_connect(endpoint, asio::redirect_error(asio::use_awaitable, error));
    std::string banner;
    if (!error) {
        banner = co_await read_line(socket, until);
    }
    socket->close();
    // The host key is ours, put there by create(): who answers behind this port needs no further proof.
    if (!banner.starts_with("SSH-2.0-")) {
        throw ProviderError("SSH does not answer in the sandbox");
    }
}

asio::awaitable<void> LocalProvider::remove(std::string name)
{
    try {
        co_await remove_sandbox(blocking_, launcher_->sandboxes(), name);
    } catch (const std::system_error& error) {
        throw ProviderError(std::string{"cannot remove the sandbox: "} + error.what());
    }
}

asio::awaitable<void> LocalProvider::set_deadline(std::string name, std::optional<wire::Timestamp> deadline)
{
    const std::string request =
        "deadline " + (deadline ? std::to_string(deadline->time_since_epoch().count()) : std::string{"none"});
    std::string answer;
    try {
        answer = co_await ask_keeper(blocking_, launcher_->sandboxes(), name, request);
    } catch (const std::system_error& error) {
        throw ProviderError(std::string{"cannot reach the keeper: "} + error.what());
    }
    if (answer == "error stopping" || answer == "gone") {
        throw VmNotFound(name);
    }
    if (answer != "ok") {
        throw ProviderError("the keeper refuses the deadline: " + answer);
    }
}

asio::awaitable<void> LocalProvider::replace_key(std::string name, std::string authorized_key)
{
    auto task = [launcher = launcher_, name, authorized_key] {
        try {
            replace_authorized_key(launcher->sandboxes(), name, authorized_key);
        } catch (const std::system_error& error) {
            throw ProviderError(std::string{"cannot replace the key: "} + error.what());
        }
    };
    co_await run_blocking(blocking_, std::move(task));
}

asio::awaitable<std::vector<VmSummary>> LocalProvider::list()
{
    auto task = [launcher = launcher_] {
        try {
            return list_sandboxes(launcher->sandboxes());
        } catch (const std::system_error& error) {
            throw ProviderError(std::string{"cannot list the sandboxes: "} + error.what());
        }
    };
    co_return co_await run_blocking(blocking_, std::move(task));
}

asio::awaitable<Diagnosis> LocalProvider::diagnose()
{
    auto task = [launcher = launcher_] { return launcher->diagnose(); };
    co_return co_await run_blocking(blocking_, std::move(task));
}

} // namespace

std::unique_ptr<Provider> make_local_provider(asio::any_io_executor reactor, asio::thread_pool& blocking,
                                              LocalSettings settings)
{
    return std::make_unique<LocalProvider>(std::move(reactor), blocking, std::move(settings));
}

std::optional<ProviderMaker> configure(const Environment& environment, const ProviderBasics& basics)
{
    auto settings = LocalSettings::load(environment, basics.state_dir);
    std::error_code ignored;
    if (basics.default_provider != "local" && !environment.has_any("LOCAL_") &&
        !std::filesystem::exists(settings.state_dir, ignored)) {
        return std::nullopt;
    }
    return [settings](asio::any_io_executor reactor, asio::thread_pool& blocking, const std::string&) {
        return make_local_provider(std::move(reactor), blocking, settings);
    };
}

} // namespace drukbox::service::local
