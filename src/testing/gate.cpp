#include "testing/gate.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace drukbox::inline v0::testing::detail {

namespace asio = boost::asio;
using asio::ip::tcp;

asio::awaitable<bool> Gate::pass(tcp::socket& socket)
{
    if (open_) {
        co_return true;
    }
    if (passes_ > 0) {
        --passes_;
        co_return true;
    }
    asio::steady_timer timer{socket.get_executor(), asio::steady_timer::time_point::max()};
    waiting_.push_back(&timer);
    const Counted held{ledger_, &Ledger::Entries::answers_held};
    const bool passed = co_await wait_for(timer, socket);
    std::erase_if(waiting_, [&timer](const asio::steady_timer* other) { return other == &timer; });
    co_return passed;
}

void Gate::open()
{
    open_ = true;
    for (asio::steady_timer* const timer : std::exchange(waiting_, {})) {
        timer->cancel();
    }
}

void Gate::let_one_through()
{
    if (waiting_.empty()) {
        ++passes_;
        return;
    }
    asio::steady_timer* const timer = waiting_.front();
    waiting_.pop_front();
    timer->cancel();
}

asio::awaitable<bool> wait_for(asio::steady_timer& timer, tcp::socket& socket)
{
    using namespace asio::experimental::awaitable_operators;
    constexpr auto use_tuple = asio::as_tuple(asio::use_awaitable);
    auto passed = timer.async_wait(use_tuple);
    auto gone = socket.async_wait(tcp::socket::wait_read, use_tuple);
    const auto first = co_await (std::move(passed) || std::move(gone));
    co_return first.index() == 0;
}

} // namespace drukbox::inline v0::testing::detail
