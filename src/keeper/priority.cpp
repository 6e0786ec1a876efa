#include "keeper/priority.hpp"

#include "posix/file.hpp"

#include <sched.h>
#include <sys/resource.h>

namespace drukbox::keeper {

void forgo_priority()
{
    const int policy = ::sched_getscheduler(0);
    if (policy == SCHED_FIFO || policy == SCHED_RR) {
        const sched_param none{};
        ::sched_setscheduler(0, SCHED_OTHER, &none);
    }
    if (::getpriority(PRIO_PROCESS, 0) < 0) {
        ::setpriority(PRIO_PROCESS, 0, 0);
    }
    const rlimit nothing{0, 0};
    ::setrlimit(RLIMIT_NICE, &nothing);
    ::setrlimit(RLIMIT_RTPRIO, &nothing);
}

void lower_priority(pid_t pid)
{
    if (::setpriority(PRIO_PROCESS, static_cast<id_t>(pid), lowest_priority) != 0) {
        throw posix::failure("priority");
    }
}

} // namespace drukbox::keeper
