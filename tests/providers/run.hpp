#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <chrono>

namespace drukbox::test {

/// Runs a coroutine to its end; what it throws is thrown here.
template <class Result>
Result run_on(boost::asio::io_context& reactor, boost::asio::awaitable<Result> task)
{
    auto future = boost::asio::co_spawn(reactor, std::move(task), boost::asio::use_future);
    reactor.restart();
    while (future.wait_for(std::chrono::seconds{0}) != std::future_status::ready) {
        reactor.run_one();
    }
    return future.get();
}

} // namespace drukbox::test
