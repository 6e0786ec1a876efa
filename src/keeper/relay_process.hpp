#pragma once

#include "keeper/config.hpp"
#include "posix/unique_fd.hpp"

#include <cstdint>

namespace drukbox::keeper {

/// The relay, in a process of its own that knows the port and the way to the acceptor, and nothing else. What
/// is inside can make it sleep for as long as it likes, by holding a pipe's lock: the kernel waits for that
/// one without an end, even when it is to kill who waits. So the keeper touches no pipe, and can end the
/// sandbox. How much there is to copy, those inside decide: the processors' time for it is their sandbox's.
class RelayProcess
{
public:
    /// Listens on a port of 127.0.0.1. Connections wait in its queue until start(). `program` is the name of
    /// this program among its arguments. Throws std::system_error.
    RelayProcess(const Config& config, char* program);

    /// `channel` leads to the acceptor. Returns when the process is under way.
    void start(int channel);

    /// Readable when it has ended.
    [[nodiscard]] int process() const noexcept { return process_.get(); }

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

private:
    [[noreturn]] void run(int channel, int keeper) const;

    const Config& config_;
    char* program_;
    posix::UniqueFd listener_;
    posix::UniqueFd process_;
    std::uint16_t port_ = 0;
};

} // namespace drukbox::keeper
