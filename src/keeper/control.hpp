#pragma once

#include "keeper/event_loop.hpp"
#include "posix/unique_fd.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace drukbox::keeper {

/// The service's way to a running keeper: one request a message, one answer each, for root and the keeper's
/// own user only.
///
///     deadline MICROSECONDS | none   -> ok
///     stop                 -> stopping, at once
///                          -> gone, when nothing of the sandbox is left but the keeper's last breath
class Control
{
public:
    /// Answers a request.
    using Answer = std::function<std::string(std::string_view request)>;

    Control(EventLoop& loop, posix::UniqueFd listener, Answer answer);

    /// To everyone who is still connected.
    void answer_all(std::string_view text);

private:
    void accept();
    void serve(int fd);

    EventLoop& loop_;
    posix::UniqueFd listener_;
    Answer answer_;
    std::unordered_map<int, posix::UniqueFd> clients_;
};

} // namespace drukbox::keeper
