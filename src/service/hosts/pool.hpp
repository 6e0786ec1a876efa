#pragma once

#include "service/hosts/context.hpp"
#include "service/hosts/create.hpp"
#include "service/hosts/teardowns.hpp"
#include "service/runtime/wakeup.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <string>

namespace drukbox::service {

/// Keeps warm hosts ready: makes what is missing as soon as a member is claimed, replaces members before they
/// are too old, and sheds what is too much. Hosts that a caller asked for are never its business. Only the
/// leading replica does it.
class Pool
{
public:
    Pool(HostContext& context, HostCreation& creation, Teardowns& teardowns);

    /// Rounds at every wake(), and at `interval` at the latest, until stop().
    boost::asio::awaitable<void> run(std::chrono::seconds interval);

    /// One round. It begins what is to be made, and does not wait for it. Every failure is logged.
    boost::asio::awaitable<void> round();

    void wake();
    void stop();

private:
    boost::asio::awaitable<void> fill(Provider& provider, int target);
    boost::asio::awaitable<void> shed(const std::string& provider, std::size_t target);
    boost::asio::awaitable<void> make(Provider& provider);
    [[nodiscard]] Timestamp good_until() const;

    HostContext& context_;
    HostCreation& creation_;
    Teardowns& teardowns_;
    Wakeup wakeup_;
    /// What this process is making, some of it before its row is there.
    std::map<std::string, int, std::less<>> making_;
    bool stopped_ = false;
};

} // namespace drukbox::service
