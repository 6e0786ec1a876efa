#include "service/ssh/readiness.hpp"

#include "service/runtime/blocking.hpp"
#include "service/ssh/handshake.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string_view>

#include <sys/socket.h>

namespace drukbox::service::ssh {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds longest_attempt{5'000};
constexpr milliseconds shortest_pause{2};
constexpr milliseconds longest_pause{1'000};

/// A connection on which the server has begun to speak SSH. Whoever closes the socket ends the waiting.
class Knock
{
public:
    Knock(const asio::any_io_executor& executor, Address address, Clock::time_point until)
        : address_(std::move(address))
        , until_(until)
        , resolver_(executor)
        , socket_(executor)
        , timer_(executor)
    {
    }

    static asio::awaitable<posix::UniqueFd> on(std::shared_ptr<Knock> self)
    {
        self->timer_.expires_at(self->until_);
        auto give_up = [weak = std::weak_ptr{self}](error_code error) {
            if (const auto knock = weak.lock(); knock && !error) {
                knock->resolver_.cancel();
                error_code ignored;
                knock->socket_.close(ignored);
            }
        };
        self->timer_.async_wait(std::move(give_up));
        error_code error;
        const auto found =
            co_await self->resolver_.async_resolve(self->address_.host, std::to_string(self->address_.port),
                                                   asio::redirect_error(asio::use_awaitable, error));
        if (!error) {
            co_await asio::async_connect(self->socket_, found,
                                         asio::redirect_error(asio::use_awaitable, error));
        }
        bool speaks = false;
        while (!error && !speaks) {
            co_await self->socket_.async_wait(tcp::socket::wait_read,
                                              asio::redirect_error(asio::use_awaitable, error));
            const auto heard = error ? 0 : self->peek();
            if (heard < 0) {
                break;
            }
            speaks = heard > 0;
        }
        self->timer_.cancel();
        posix::UniqueFd result;
        if (speaks && self->socket_.is_open()) {
            result = posix::UniqueFd{self->socket_.release(error)};
        }
        co_return result;
    }

private:
    /// 1 when an SSH banner begins what has arrived, 0 when that cannot be said yet, else -1.
    int peek()
    {
        std::array<char, 256> buffer{};
        const auto got =
            ::recv(socket_.native_handle(), buffer.data(), buffer.size(), MSG_PEEK | MSG_DONTWAIT);
        if (got < 0) {
            return errno == EAGAIN || errno == EINTR ? 0 : -1;
        }
        // A server may send other lines before its banner: libssh reads past them.
        return got >= 4 ? 1 : -1;
    }

    Address address_;
    Clock::time_point until_;
    tcp::resolver resolver_;
    tcp::socket socket_;
    asio::steady_timer timer_;
};

/// Tries again at a pace that adds little to what was waited already.
class Pace
{
public:
    explicit Pace(Clock::time_point until)
        : until_(until)
    {
    }

    [[nodiscard]] bool is_over() const { return Clock::now() >= until_; }

    [[nodiscard]] Clock::time_point attempt_end() const
    {
        return std::min(until_, Clock::now() + longest_attempt);
    }

    asio::awaitable<void> pause() const
    {
        const auto waited = std::chrono::duration_cast<milliseconds>(Clock::now() - begun_);
        const auto pause = std::clamp(waited / 10, shortest_pause, longest_pause);
        asio::steady_timer timer{co_await asio::this_coro::executor, std::min(until_, Clock::now() + pause)};
        co_await timer.async_wait(asio::use_awaitable);
    }

private:
    Clock::time_point begun_ = Clock::now();
    Clock::time_point until_;
};

/// What one attempt found: a key, or why there is none.
class Attempt
{
public:
    Attempt() = default;

    std::optional<std::string> key;
    bool connected = false;
    std::string problem = "nothing answers";
};

asio::awaitable<Attempt> try_once(asio::thread_pool& blocking, Address address, std::string type,
                                  Clock::time_point until)
{
    const auto executor = co_await asio::this_coro::executor;
    const auto knock = std::make_shared<Knock>(executor, std::move(address), until);
    posix::UniqueFd socket = co_await Knock::on(knock);
    Attempt attempt;
    if (!socket) {
        co_return attempt;
    }
    attempt.connected = true;
    const auto left = std::chrono::duration_cast<milliseconds>(until - Clock::now());
    // A handshake needs some time even at the end of the last attempt.
    const auto limit = std::max(left, milliseconds{500});
    const auto shared = std::make_shared<posix::UniqueFd>(std::move(socket));
    auto shake_hands = [shared, type, limit] { return read_host_key(std::move(*shared), type, limit); };
    try {
        attempt.key = co_await run_blocking(blocking, std::move(shake_hands));
    } catch (const HandshakeFailed& error) {
        attempt.problem = error.what();
    }
    co_return attempt;
}

std::string describe(const Address& address)
{
    return address.host + " port " + std::to_string(address.port);
}

} // namespace

asio::awaitable<void> wait_for_ssh(asio::thread_pool& blocking, Address address, std::string host_key,
                                   Clock::time_point until)
{
    const std::string type = host_key.substr(0, host_key.find(' '));
    const Pace pace{until};
    std::string problem = "nothing answers";
    for (;;) {
        const Attempt attempt = co_await try_once(blocking, address, type, pace.attempt_end());
        if (attempt.key == host_key) {
            co_return;
        }
        if (attempt.key) {
            throw HostKeyDiffers("SSH at " + describe(address) + " answers with another host key");
        }
        if (attempt.connected) {
            problem = attempt.problem;
        }
        if (pace.is_over()) {
            throw NotReachable("SSH does not answer at " + describe(address) + " in time: " + problem);
        }
        co_await pace.pause();
    }
}

asio::awaitable<std::vector<std::string>> scan_host_keys(asio::thread_pool& blocking, Address address,
                                                         Clock::time_point until)
{
    static constexpr std::array<std::string_view, 3> types{"ssh-ed25519", "ecdsa-sha2-nistp256",
                                                           "rsa-sha2-512,rsa-sha2-256"};
    const Pace pace{until};
    std::vector<std::string> keys;
    for (;;) {
        bool connected = false;
        for (const auto type : types) {
            const Attempt attempt =
                co_await try_once(blocking, address, std::string{type}, pace.attempt_end());
            connected = attempt.connected;
            if (attempt.key) {
                keys.push_back(*attempt.key);
            }
            if (!connected) {
                break;
            }
        }
        if (!keys.empty()) {
            co_return keys;
        }
        if (pace.is_over()) {
            throw NotReachable("SSH does not answer at " + describe(address) + " in time");
        }
        co_await pace.pause();
    }
}

std::string known_hosts_line(const Address& address, const std::string& host_key)
{
    const std::string name =
        address.port == 22 ? address.host : "[" + address.host + "]:" + std::to_string(address.port);
    return name + " " + host_key + "\n";
}

} // namespace drukbox::service::ssh
