#pragma once

#include "testing/ledger.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <list>

namespace drukbox::inline v0::testing::detail {

/// Where answers wait. On the service's thread only.
class Gate
{
public:
    explicit Gate(Ledger& ledger)
        : ledger_(ledger)
    {
    }

    /// Until it is let through; false when the client has gone instead.
    [[nodiscard]] boost::asio::awaitable<bool> pass(boost::asio::ip::tcp::socket& socket);

    void open();

    void close() { open_ = false; }

    /// For the one that waits the longest, or else the next one.
    void let_one_through();

private:
    Ledger& ledger_;
    std::list<boost::asio::steady_timer*> waiting_;
    std::size_t passes_ = 0;
    bool open_ = false;
};

/// False when the client has gone before the timer ran out or was cancelled.
[[nodiscard]] boost::asio::awaitable<bool> wait_for(boost::asio::steady_timer& timer,
                                                    boost::asio::ip::tcp::socket& socket);

} // namespace drukbox::inline v0::testing::detail
