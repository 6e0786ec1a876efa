#include "service/providers/local/running_keeper.hpp"

#include "posix/file.hpp"
#include "service/providers/local/sandbox_directory.hpp"
#include "service/providers/provider.hpp"
#include "service/runtime/blocking.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <memory>
#include <optional>
#include <sstream>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace drukbox::service::local {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using posix::UniqueFd;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds request_patience{5'000};
/// For an answer that costs a keeper nothing. Alive and silent, it was stopped, or caught by what it keeps.
constexpr milliseconds answer_patience{2'000};
/// Killing what a sandbox may run and freeing its memory takes the kernel a while on a busy machine.
constexpr milliseconds end_patience{20'000};

asio::awaitable<void> pause(milliseconds time)
{
    asio::steady_timer timer{co_await asio::this_coro::executor, time};
    error_code ignored;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

asio::awaitable<bool> readable_within(int fd, milliseconds patience)
{
    // A copy, which the reactor may close when this coroutine ends early.
    UniqueFd copy{::fcntl(fd, F_DUPFD_CLOEXEC, 0)};
    if (!copy) {
        throw posix::failure("descriptor");
    }
    const auto executor = co_await asio::this_coro::executor;
    const auto descriptor = std::make_shared<asio::posix::stream_descriptor>(executor);
    error_code error;
    descriptor->assign(copy.get(), error);
    if (error) {
        throw std::system_error(error.value(), std::system_category(), "descriptor");
    }
    (void)copy.release();
    asio::steady_timer timer{executor, patience};
    auto on_timeout = [descriptor](error_code cancelled) {
        error_code ignored;
        if (!cancelled) {
            descriptor->cancel(ignored);
        }
    };
    timer.async_wait(on_timeout);
    co_await descriptor->async_wait(asio::posix::stream_descriptor::wait_read,
                                    asio::redirect_error(asio::use_awaitable, error));
    co_return !error;
}

UniqueFd process_descriptor(pid_t pid)
{
    return UniqueFd{static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))};
}

std::vector<pid_t> children_of(pid_t pid)
{
    std::vector<pid_t> children;
    try {
        const std::string number = std::to_string(pid);
        std::istringstream list{
            posix::read_file(AT_FDCWD, "/proc/" + number + "/task/" + number + "/children")};
        for (pid_t child = 0; list >> child;) {
            children.push_back(child);
        }
    } catch (const std::system_error&) {
        // It has ended.
    }
    return children;
}

/// What runs below a process: bwrap, the sandbox's first process, slirp4netns.
void add_descendants(pid_t pid, int generations, std::vector<UniqueFd>& processes)
{
    for (const pid_t child : children_of(pid)) {
        UniqueFd process = process_descriptor(child);
        // Looked at again: a number that was given to another process meanwhile has another parent.
        const std::vector<pid_t> still = children_of(pid);
        if (!process || std::find(still.begin(), still.end(), child) == still.end()) {
            continue;
        }
        processes.push_back(std::move(process));
        if (generations > 1) {
            add_descendants(child, generations - 1, processes);
        }
    }
}

void kill_process(const UniqueFd& process)
{
    ::syscall(SYS_pidfd_send_signal, process.get(), SIGKILL, nullptr, 0);
}

/// A connection to a running keeper. Those that a former service started are found the same way.
class RunningKeeper
{
public:
    /// Nothing when nobody listens.
    static std::optional<RunningKeeper> connect(int directory)
    {
        RunningKeeper keeper;
        keeper.socket_.reset(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        if (!keeper.socket_) {
            throw posix::failure("socket");
        }
        const sockaddr_un address = control_address(directory);
        if (::connect(keeper.socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) !=
            0) {
            if (errno == EAGAIN) {
                throw posix::failure("the keeper accepts nobody");
            }
            return std::nullopt;
        }
        ucred peer{};
        socklen_t length = sizeof(peer);
        if (::getsockopt(keeper.socket_.get(), SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0) {
            keeper.process_ = process_descriptor(peer.pid);
            keeper.pid_ = peer.pid;
        }
        keeper.is_keeper_ = runs_keeper(peer.pid);
        return keeper;
    }

    void send(const std::string& request) const
    {
        // A keeper that has just ended is noticed by receive().
        [[maybe_unused]] const ssize_t sent =
            ::send(socket_.get(), request.data(), request.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    }

    /// Empty when the keeper has ended or has not answered in time.
    [[nodiscard]] asio::awaitable<std::string> receive(milliseconds patience) const
    {
        std::array<char, 256> buffer{};
        const bool readable = co_await readable_within(socket_.get(), patience);
        const ssize_t got = readable ? ::recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT) : 0;
        co_return std::string{buffer.data(), static_cast<std::size_t>(got > 0 ? got : 0)};
    }

    /// The whole process, not only its answer. A keeper that this process started leaves no zombie either.
    [[nodiscard]] asio::awaitable<bool> ended_within(milliseconds patience) const
    {
        if (!process_ || !is_keeper_) {
            co_return true; // gone before we looked, or about to start: the lock tells
        }
        const bool ended = co_await readable_within(process_.get(), patience);
        siginfo_t info{};
        if (ended) {
            ::waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(process_.get()), &info,
                     WEXITED | WNOHANG);
        }
        co_return ended;
    }

    /// With all of its sandbox, which would end with it, unless it sleeps where the kernel cannot end it.
    /// Returns when that is done.
    [[nodiscard]] asio::awaitable<void> kill() const
    {
        if (!process_ || !is_keeper_) {
            co_return;
        }
        std::vector<UniqueFd> processes;
        constexpr int to_the_first_inside = 2;
        add_descendants(pid_, to_the_first_inside, processes);
        kill_process(process_);
        for (const UniqueFd& process : processes) {
            kill_process(process);
        }
        const Clock::time_point until = Clock::now() + end_patience;
        (void)co_await ended_within(end_patience);
        for (const UniqueFd& process : processes) {
            const auto left = std::chrono::duration_cast<milliseconds>(until - Clock::now());
            (void)co_await readable_within(process.get(), std::max(left, milliseconds{0}));
        }
    }

private:
    /// Until a keeper has taken it over, the socket is the service's.
    static bool runs_keeper(pid_t pid)
    {
        try {
            return posix::read_file(AT_FDCWD, "/proc/" + std::to_string(pid) + "/comm") == "drukbox-keeper\n";
        } catch (const std::system_error&) {
            return false;
        }
    }

    UniqueFd socket_;
    UniqueFd process_;
    pid_t pid_ = -1;
    bool is_keeper_ = false;
};

/// Asks it to stop, and sees to its end.
asio::awaitable<void> stop(const RunningKeeper& keeper)
{
    keeper.send("stop");
    std::string answer = co_await keeper.receive(answer_patience);
    // At work on it, which may take longer than to say so.
    if (answer == "stopping") {
        answer = co_await keeper.receive(end_patience);
    }
    bool ended = false;
    if (!answer.empty()) {
        ended = co_await keeper.ended_within(answer_patience);
    }
    if (!ended) {
        co_await keeper.kill();
    }
}

/// Returns when this process has the lock, and so no keeper is alive. There may be a lock and nobody who
/// listens: a keeper is about to start, or has all but ended.
asio::awaitable<void> stop_keeper(const ExistingSandbox& sandbox, const std::string& name)
{
    const Clock::time_point until = Clock::now() + 2 * end_patience;
    while (!sandbox.try_lock()) {
        if (Clock::now() > until) {
            throw ProviderError("the keeper of " + name + " does not end");
        }
        const auto keeper = RunningKeeper::connect(sandbox.directory());
        if (keeper) {
            co_await stop(*keeper);
        }
        co_await pause(milliseconds{2});
    }
}

} // namespace

asio::awaitable<void> remove_sandbox(asio::thread_pool& blocking, std::filesystem::path sandboxes,
                                     std::string name)
{
    auto open = [sandboxes, name] { return ExistingSandbox::open(sandboxes, name); };
    const std::shared_ptr<const ExistingSandbox> sandbox = co_await run_blocking(blocking, std::move(open));
    if (!sandbox) {
        co_return;
    }
    co_await stop_keeper(*sandbox, name);
    // The kernel lets a control group go a moment after its last process.
    const Clock::time_point until = Clock::now() + end_patience;
    while (true) {
        // The thread lets go of it before it answers: its descriptors must not outlive this call.
        auto try_remove = [held = std::shared_ptr<const ExistingSandbox>{sandbox}]() mutable {
            const std::shared_ptr<const ExistingSandbox> mine = std::move(held);
            return mine->try_remove();
        };
        const bool removed = co_await run_blocking(blocking, std::move(try_remove));
        if (removed) {
            co_return;
        }
        if (Clock::now() > until) {
            throw ProviderError("the processes of " + name + " do not end");
        }
        co_await pause(milliseconds{2});
    }
}

asio::awaitable<std::string> ask_keeper(asio::thread_pool& blocking, std::filesystem::path sandboxes,
                                        std::string name, std::string request)
{
    auto open = [sandboxes, name] { return ExistingSandbox::open(sandboxes, name); };
    const std::shared_ptr<const ExistingSandbox> sandbox = co_await run_blocking(blocking, std::move(open));
    if (!sandbox) {
        throw VmNotFound(name);
    }
    const auto keeper = RunningKeeper::connect(sandbox->directory());
    if (!keeper) {
        throw VmNotFound(name);
    }
    keeper->send(request);
    std::string answer = co_await keeper->receive(request_patience);
    if (!answer.empty()) {
        co_return answer;
    }
    if (sandbox->try_lock()) {
        throw VmNotFound(name);
    }
    throw ProviderError("the keeper of " + name + " does not answer");
}

} // namespace drukbox::service::local
