#include "cli/interrupts.hpp"

#include <cerrno>
#include <ctime>
#include <initializer_list>

#include <pthread.h>

namespace drukbox::cli {

Interrupts::Interrupts()
{
    ::sigemptyset(&watched_);
    ::sigaddset(&watched_, SIGCHLD);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        struct sigaction action{};
        ::sigaction(signal, nullptr, &action);
        // Who started this process with it ignored (nohup, a job in the background) wants it so.
        if (action.sa_handler != SIG_IGN) {
            ::sigaddset(&watched_, signal);
        }
    }
    ::pthread_sigmask(SIG_BLOCK, &watched_, &previous_);
}

Interrupts::~Interrupts()
{
    // What has come and was acted on must not end the process now, with another exit code.
    (void)received();
    ::pthread_sigmask(SIG_SETMASK, &previous_, nullptr);
}

int Interrupts::wait_for_child_or_signal()
{
    for (;;) {
        const int signal = ::sigwaitinfo(&watched_, nullptr);
        if (signal == SIGCHLD) {
            return 0;
        }
        if (signal > 0) {
            if (first_ == 0) {
                first_ = signal;
            }
            return signal;
        }
    }
}

int Interrupts::received()
{
    const timespec no_wait{};
    for (;;) {
        const int signal = ::sigtimedwait(&watched_, nullptr, &no_wait);
        if (signal < 0 && errno != EINTR) {
            return first_;
        }
        if (signal > 0 && signal != SIGCHLD && first_ == 0) {
            first_ = signal;
        }
    }
}

} // namespace drukbox::cli
