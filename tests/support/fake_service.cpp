#include "support/fake_service.hpp"

#include <boost/asio.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <condition_variable>
#include <deque>
#include <list>
#include <mutex>
#include <optional>
#include <thread>

namespace drukbox::testing {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;

namespace {

constexpr auto patience = std::chrono::seconds{10};
constexpr auto use_tuple = asio::as_tuple(asio::use_awaitable);

std::string head(unsigned status)
{
    return "HTTP/1.1 " + std::to_string(status) + " " +
           std::string{beast::http::obsolete_reason(beast::http::int_to_status(status))} + "\r\n";
}

} // namespace

Answer Answer::json(unsigned status, std::string body)
{
    return text(status, "application/json", std::move(body));
}

Answer Answer::text(unsigned status, std::string content_type, std::string body)
{
    Answer answer;
    answer.bytes_ = head(status) + "Content-Type: " + content_type +
                    "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    return answer;
}

Answer Answer::empty(unsigned status)
{
    Answer answer;
    answer.bytes_ = head(status) + (status == 204 ? "\r\n" : "Content-Length: 0\r\n\r\n");
    return answer;
}

Answer Answer::raw(std::string bytes)
{
    Answer answer;
    answer.bytes_ = std::move(bytes);
    answer.closes_ = true;
    return answer;
}

Answer Answer::held() &&
{
    held_ = true;
    return std::move(*this);
}

std::string RecordedRequest::header(std::string_view name) const
{
    for (const auto& [key, value] : headers) {
        if (beast::iequals(key, name)) {
            return value;
        }
    }
    return {};
}

class FakeService::Impl
{
public:
    Impl()
        : acceptor_(io_, tcp::endpoint{asio::ip::address_v4::loopback(), 0})
        , port_(acceptor_.local_endpoint().port())
    {
        asio::co_spawn(io_, accept(), asio::detached);
        thread_ = std::jthread{[this] { io_.run(); }};
    }

    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    ~Impl() { io_.stop(); }

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

    void answer(Answer answer)
    {
        const std::lock_guard lock{mutex_};
        script_.push_back(std::move(answer));
    }

    void answer_always(Answer answer)
    {
        const std::lock_guard lock{mutex_};
        default_answer_ = std::move(answer);
    }

    void release()
    {
        asio::post(io_, [this] {
            released_ = true;
            for (asio::steady_timer* timer : held_) {
                timer->cancel();
            }
        });
    }

    [[nodiscard]] std::vector<RecordedRequest> requests() const
    {
        const std::lock_guard lock{mutex_};
        return requests_;
    }

    [[nodiscard]] std::size_t opened() const
    {
        const std::lock_guard lock{mutex_};
        return opened_;
    }

    [[nodiscard]] std::size_t open() const
    {
        const std::lock_guard lock{mutex_};
        return open_;
    }

    template <class Condition>
    [[nodiscard]] bool wait(const Condition& condition) const
    {
        std::unique_lock lock{mutex_};
        return changed_.wait_for(lock, patience, [&] { return condition(*this); });
    }

    [[nodiscard]] bool wait_for_requests(std::size_t count) const
    {
        return wait([count](const Impl& self) { return self.requests_.size() >= count; });
    }

    [[nodiscard]] bool wait_until_open(std::size_t count) const
    {
        return wait([count](const Impl& self) { return self.open_ == count; });
    }

private:
    /// Counts a connection while it lives.
    class OpenConnection
    {
    public:
        explicit OpenConnection(Impl& service)
            : service_(service)
        {
            service_.change([this] {
                ++service_.opened_;
                ++service_.open_;
            });
        }

        OpenConnection(const OpenConnection&) = delete;
        OpenConnection& operator=(const OpenConnection&) = delete;

        ~OpenConnection()
        {
            service_.change([this] { --service_.open_; });
        }

    private:
        Impl& service_;
    };

    template <class Change>
    void change(const Change& change)
    {
        {
            const std::lock_guard lock{mutex_};
            change();
        }
        changed_.notify_all();
    }

    asio::awaitable<void> accept()
    {
        for (;;) {
            auto [error, socket] = co_await acceptor_.async_accept(use_tuple);
            if (error) {
                co_return;
            }
            asio::co_spawn(io_, serve(std::move(socket)), asio::detached);
        }
    }

    asio::awaitable<void> serve(tcp::socket socket)
    {
        const OpenConnection counted{*this};
        beast::flat_buffer buffer;
        for (;;) {
            beast::http::request<beast::http::string_body> request;
            auto [error, size] = co_await beast::http::async_read(socket, buffer, request, use_tuple);
            if (error) {
                co_return;
            }
            const Answer answer = record(request);
            if (answer.held_ && !released_ && !co_await release_of(socket)) {
                co_return;
            }
            const asio::const_buffer bytes = asio::buffer(answer.bytes_);
            auto [write_error, written] = co_await asio::async_write(socket, bytes, use_tuple);
            if (write_error || answer.closes_) {
                co_return;
            }
        }
    }

    Answer record(const beast::http::request<beast::http::string_body>& request)
    {
        RecordedRequest recorded;
        recorded.method = request.method_string();
        recorded.target = request.target();
        for (const auto& field : request) {
            recorded.headers.emplace_back(field.name_string(), field.value());
        }
        recorded.body = request.body();
        Answer answer;
        change([&] {
            requests_.push_back(std::move(recorded));
            if (script_.empty()) {
                answer = default_answer_;
            } else {
                answer = std::move(script_.front());
                script_.pop_front();
            }
        });
        return answer;
    }

    // False when the client has gone instead.
    asio::awaitable<bool> release_of(tcp::socket& socket)
    {
        using namespace asio::experimental::awaitable_operators;
        asio::steady_timer timer{io_, asio::steady_timer::time_point::max()};
        const auto position = held_.insert(held_.end(), &timer);
        auto released = timer.async_wait(use_tuple);
        auto gone = socket.async_wait(tcp::socket::wait_read, use_tuple);
        const auto winner = co_await (std::move(released) || std::move(gone));
        held_.erase(position);
        co_return winner.index() == 0;
    }

    // On the service's thread only.
    std::list<asio::steady_timer*> held_;
    bool released_ = false;

    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    std::deque<Answer> script_;
    Answer default_answer_ = Answer::text(500, "text/plain", "no answer was scripted");
    std::vector<RecordedRequest> requests_;
    std::size_t opened_ = 0;
    std::size_t open_ = 0;

    // After what the connections use: they end with it.
    asio::io_context io_{1};
    tcp::acceptor acceptor_;
    const std::uint16_t port_;
    std::jthread thread_;
};

FakeService::FakeService()
    : impl_(std::make_unique<Impl>())
{
}

FakeService::~FakeService() = default;

std::string FakeService::url() const
{
    return "http://127.0.0.1:" + std::to_string(impl_->port());
}

void FakeService::answer(Answer answer)
{
    impl_->answer(std::move(answer));
}

void FakeService::answer_always(Answer answer)
{
    impl_->answer_always(std::move(answer));
}

void FakeService::release()
{
    impl_->release();
}

std::vector<RecordedRequest> FakeService::requests() const
{
    return impl_->requests();
}

std::size_t FakeService::connections_opened() const
{
    return impl_->opened();
}

std::size_t FakeService::connections_open() const
{
    return impl_->open();
}

bool FakeService::wait_for_requests(std::size_t count) const
{
    return impl_->wait_for_requests(count);
}

bool FakeService::wait_until_connections_open(std::size_t count) const
{
    return impl_->wait_until_open(count);
}

} // namespace drukbox::testing
