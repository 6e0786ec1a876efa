#include "keeper/last_resort.hpp"

#include "posix/file.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>

namespace drukbox::keeper {
namespace {

std::int64_t now()
{
    return std::chrono::duration_cast<std::chrono::microseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

} // namespace

itimerspec at(std::int64_t microseconds)
{
    itimerspec time{};
    time.it_value.tv_sec = microseconds / 1'000'000;
    time.it_value.tv_nsec = microseconds % 1'000'000 * 1000;
    return time;
}

LastResort::LastResort()
{
    sigevent event{};
    event.sigev_notify = SIGEV_SIGNAL;
    event.sigev_signo = SIGKILL;
    if (::timer_create(CLOCK_REALTIME, &event, &timer_) != 0) {
        throw posix::failure("timer");
    }
}

LastResort::~LastResort()
{
    ::timer_delete(timer_);
}

void LastResort::set(std::optional<std::int64_t> deadline)
{
    arm(deadline ? std::max(*deadline, now()) + patience : 0);
}

void LastResort::postpone()
{
    arm(now() + 15 * patience);
}

void LastResort::arm(std::int64_t microseconds)
{
    const itimerspec time = at(microseconds);
    if (::timer_settime(timer_, TIMER_ABSTIME, &time, nullptr) != 0) {
        throw posix::failure("timer");
    }
}

} // namespace drukbox::keeper
