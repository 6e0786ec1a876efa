#pragma once

#include "keeper/config.hpp"
#include "keeper/control.hpp"
#include "keeper/event_loop.hpp"
#include "keeper/last_resort.hpp"
#include "keeper/relay_process.hpp"
#include "keeper/sandbox.hpp"
#include "posix/unique_fd.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace drukbox::keeper {

/// The life of one sandbox, from bwrap's start to the removal of its directory.
class Keeper
{
public:
    /// `parent` is the directory that the sandbox's lies in, `program` this program's name among its
    /// arguments, `sources` what bwrap binds.
    Keeper(const Config& config, const SandboxUser& user, char* program, posix::UniqueFd parent,
           posix::UniqueFd control, posix::UniqueFd ready, std::vector<posix::UniqueFd> sources);

    /// Returns when nothing is left.
    void run();

private:
    void watch_signals();
    void on_signal();
    void on_started();
    void on_relay_ended();
    void on_deadline();
    void set_deadline(std::optional<std::int64_t> microseconds);
    std::string answer(std::string_view request);
    void report(const std::string& line);
    void stop();
    void clean_up();

    const Config& config_;
    posix::UniqueFd parent_;
    posix::UniqueFd ready_;
    EventLoop loop_;
    posix::UniqueFd signals_;
    posix::UniqueFd timer_;
    LastResort last_resort_;
    RelayProcess relay_;
    Sandbox sandbox_;
    Control control_;
    bool stopping_ = false;
};

} // namespace drukbox::keeper
