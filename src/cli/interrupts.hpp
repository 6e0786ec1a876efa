#pragma once

#include <csignal>

namespace drukbox::cli {

/// While it lives, the signals that ask this process to end (SIGINT, SIGTERM, SIGHUP) are noted instead of
/// obeyed, so that what was begun can be undone first.
///
/// To be made before any other thread, which inherits the mask. Used by one thread at a time.
class Interrupts
{
public:
    Interrupts();
    Interrupts(const Interrupts&) = delete;
    Interrupts& operator=(const Interrupts&) = delete;
    ~Interrupts();

    /// Waits until a child changes state or a signal asks this process to end; returns that signal, 0 for a
    /// child.
    int wait_for_child_or_signal();

    /// The first signal that asked this process to end, 0 if none has. Does not wait.
    [[nodiscard]] int received();

    /// The signal mask of the caller before.
    [[nodiscard]] const sigset_t& previous_mask() const noexcept { return previous_; }

private:
    sigset_t watched_{};
    sigset_t previous_{};
    int first_ = 0;
};

} // namespace drukbox::cli
