#include "keeper/keeper.hpp"

#include "keeper/confine.hpp"
#include "keeper/remains.hpp"
#include "posix/file.hpp"

#include <algorithm>
#include <charconv>
#include <csignal>
#include <exception>
#include <utility>

#include <poll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

namespace drukbox::keeper {

Keeper::Keeper(const Config& config, const SandboxUser& user, char* program, posix::UniqueFd parent,
               posix::UniqueFd control, posix::UniqueFd ready, std::vector<posix::UniqueFd> sources)
    : config_(config)
    , parent_(std::move(parent))
    , ready_(std::move(ready))
    , timer_(::timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK))
    , relay_(config, program)
    , sandbox_(config, user, std::move(sources))
    , control_(loop_, std::move(control), [this](std::string_view request) { return answer(request); })
{
    if (!timer_) {
        throw posix::failure("timerfd");
    }
    watch_signals();
    loop_.add(timer_.get(), POLLIN, [this](short) { on_deadline(); });
    set_deadline(config.deadline);
}

void Keeper::watch_signals()
{
    sigset_t set;
    ::sigemptyset(&set);
    ::sigaddset(&set, SIGCHLD);
    ::sigaddset(&set, SIGTERM);
    ::sigprocmask(SIG_BLOCK, &set, nullptr);
    signals_.reset(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!signals_) {
        throw posix::failure("signalfd");
    }
    loop_.add(signals_.get(), POLLIN, [this](short) { on_signal(); });
}

void Keeper::run()
{
    try {
        sandbox_.start();
        loop_.add(sandbox_.started(), POLLIN, [this](short) { on_started(); });
    } catch (const std::exception& error) {
        report(std::string{"error "} + error.what());
        clean_up();
        return;
    }
    loop_.run();
}

void Keeper::on_started()
{
    loop_.remove(sandbox_.started());
    if (stopping_) {
        return;
    }
    try {
        // An end of stream instead of the byte: bwrap failed, and its end will be noticed next.
        if (!sandbox_.take_started_byte()) {
            return;
        }
        sandbox_.acceptor_is_up();
        relay_.start(sandbox_.channel());
        loop_.add(relay_.process(), POLLIN, [this](short) { on_relay_ended(); });
        confine(Role::keeper);
        report("ready " + std::to_string(relay_.port()));
    } catch (const std::exception& error) {
        report(std::string{"error "} + error.what());
        stop();
    }
}

void Keeper::on_signal()
{
    signalfd_siginfo info{};
    while (::read(signals_.get(), &info, sizeof(info)) == sizeof(info)) {
        if (info.ssi_signo == SIGTERM) {
            stop();
        }
    }
    if (sandbox_.reap()) {
        if (ready_) {
            report("error " + sandbox_.complaint());
        }
        stop();
    }
    if (stopping_ && sandbox_.all_gone()) {
        clean_up();
    } else if (stopping_) {
        sandbox_.kill();
    }
}

void Keeper::on_relay_ended()
{
    loop_.remove(relay_.process());
    // Nobody can log in any more.
    stop();
}

void Keeper::on_deadline()
{
    std::uint64_t times = 0;
    if (::read(timer_.get(), &times, sizeof(times)) == sizeof(times)) {
        stop();
    }
}

void Keeper::set_deadline(std::optional<std::int64_t> microseconds)
{
    // Zero would disarm; one microsecond after the epoch has passed as well.
    const itimerspec time = at(microseconds ? std::max<std::int64_t>(*microseconds, 1) : 0);
    if (::timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &time, nullptr) != 0) {
        throw posix::failure("deadline");
    }
    last_resort_.set(microseconds);
}

std::string Keeper::answer(std::string_view request)
{
    if (request == "stop") {
        stop();
        return "stopping";
    }
    constexpr std::string_view deadline = "deadline ";
    if (!request.starts_with(deadline)) {
        return "error unknown request";
    }
    if (stopping_) {
        return "error stopping";
    }
    request.remove_prefix(deadline.size());
    if (request == "none") {
        set_deadline(std::nullopt);
        return "ok";
    }
    std::int64_t microseconds = 0;
    const auto [end, error] = std::from_chars(request.data(), request.data() + request.size(), microseconds);
    if (error != std::errc{} || end != request.data() + request.size()) {
        return "error not a time";
    }
    set_deadline(microseconds);
    return "ok";
}

void Keeper::report(const std::string& line)
{
    if (!ready_) {
        return;
    }
    const std::string text = line + "\n";
    // The service may be gone; the sandbox lives on until its successor or its deadline ends it.
    [[maybe_unused]] const ssize_t written = ::write(ready_.get(), text.data(), text.size());
    if (line.starts_with("ready")) {
        ready_.reset();
    }
}

void Keeper::stop()
{
    if (std::exchange(stopping_, true)) {
        return;
    }
    sandbox_.kill();
    last_resort_.postpone();
}

void Keeper::clean_up()
{
    remove_cgroups(config_.cgroups);
    remove_directory(parent_.get(), config_.name);
    control_.answer_all("gone");
    loop_.stop();
}

} // namespace drukbox::keeper
