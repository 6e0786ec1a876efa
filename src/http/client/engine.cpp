#include "http/client/engine.hpp"

#include "http/client/operation.hpp"

#include <algorithm>
#include <new>
#include <stdexcept>
#include <thread>
#include <utility>

#include <pthread.h>
#include <signal.h>

namespace drukbox::http {
namespace {

using namespace std::chrono_literals;

constexpr auto idle_limit = 1s;

// How soon a service answers that is near, and its caller then asks the next thing: no later than it takes a
// few threads to fall asleep and be woken up.
constexpr auto near_time = 200us;

void initialise_curl()
{
    static const CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (code != CURLE_OK) {
        throw std::runtime_error(curl_easy_strerror(code));
    }
}

/// Threads started meanwhile get no signal: the application's handlers run on its own threads, and a TLS
/// connection that breaks while it is written to raises no SIGPIPE.
class SignalsBlocked
{
public:
    SignalsBlocked() noexcept
    {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before_);
    }

    SignalsBlocked(const SignalsBlocked&) = delete;
    SignalsBlocked& operator=(const SignalsBlocked&) = delete;

    ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

private:
    sigset_t before_{};
};

ClientOptions checked(ClientOptions options)
{
    if (options.max_connections == 0 || options.reserved_for_brief >= options.max_connections) {
        throw std::invalid_argument("max_connections must be at least 1 and more than reserved_for_brief");
    }
    return options;
}

/// A connection that is never made. curl takes part in its own limit on connections, and closes the idle one
/// that was used the longest time ago, before it asks for the socket that it does not get here.
CurlEasy make_evictor()
{
    CurlEasy evictor(curl_easy_init());
    if (!evictor) {
        throw std::bad_alloc();
    }
    CURL* handle = evictor.get();
    const auto no_socket =
        +[](void*, curlsocktype, curl_sockaddr*) -> curl_socket_t { return CURL_SOCKET_BAD; };
    curl_easy_setopt(handle, CURLOPT_URL, "http://127.0.0.1:9/");
    curl_easy_setopt(handle, CURLOPT_PROXY, "");
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, no_socket);
    return evictor;
}

} // namespace

ClientEngine::ClientEngine(ClientOptions options)
    : options_(checked(std::move(options)))
    , queue_(options_.max_connections, options_.reserved_for_brief)
    , trim_(options_.max_idle_connections, idle_limit)
{
}

ClientEngine::~ClientEngine() = default;

std::shared_ptr<Client::Transfer> ClientEngine::start(std::shared_ptr<const Request> request,
                                                      std::unique_ptr<Client::Completion> completion)
{
    auto operation = std::make_shared<Operation>(weak_from_this(), std::move(request), std::move(completion));
    if (operation->request.timeout > 0ms) {
        operation->deadline = Clock::now() + operation->request.timeout;
    }
    bool accepted = false;
    bool asleep = false;
    {
        const std::lock_guard lock(mutex_);
        if (!closing_) {
            if (!thread_.joinable()) {
                start_thread();
            }
            started_.push_back(operation);
            asleep = announce();
            accepted = true;
        }
    }
    if (asleep) {
        wakeup_->signal();
    }
    if (accepted) {
        return operation;
    }
    const auto refused = std::move(operation->completion);
    refused->complete(
        std::make_exception_ptr(TransportError(TransportFailure::closed, "The client is closed")),
        Response());
    return operation;
}

void ClientEngine::cancel(std::shared_ptr<Operation> operation) noexcept
{
    bool asleep = false;
    {
        const std::lock_guard lock(mutex_);
        if (closing_ || operation->cancel_requested) {
            return;
        }
        operation->cancel_requested = true;
        operation->next_cancelled = std::move(cancelled_);
        cancelled_ = std::move(operation);
        asleep = announce();
    }
    if (asleep) {
        wakeup_->signal();
    }
}

void ClientEngine::close() noexcept
{
    bool asleep = false;
    {
        const std::lock_guard lock(mutex_);
        closing_ = true;
        asleep = announce();
    }
    if (asleep) {
        wakeup_->signal();
    }
}

void ClientEngine::join()
{
    if (thread_.joinable()) {
        thread_.join();
    }
}

void ClientEngine::start_thread()
{
    initialise_curl();
    CurlMulti multi(curl_multi_init());
    if (!multi) {
        throw std::bad_alloc();
    }
    const auto connections = static_cast<long>(options_.max_connections);
    curl_multi_setopt(multi.get(), CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
    // Busy connections count, so this must not be the number of idle ones to keep: that is trim_idle()'s.
    curl_multi_setopt(multi.get(), CURLMOPT_MAXCONNECTS, connections);
    // More than the queue ever admits together with the idle ones: curl then closes idle ones first.
    curl_multi_setopt(multi.get(), CURLMOPT_MAX_TOTAL_CONNECTIONS, connections);
    evictor_ = make_evictor();
    wakeup_.emplace();
    multi_ = std::move(multi);

    const SignalsBlocked blocked;
    thread_ = std::thread([this] { run(); });
    pthread_setname_np(thread_.native_handle(), "drukbox-http");
}

/// There is something in the inbox, whose lock the caller holds. Whether the caller is to wake the I/O
/// thread, once it has let go of the lock.
bool ClientEngine::announce() noexcept
{
    has_mail_.store(true, std::memory_order_relaxed);
    return std::exchange(asleep_, false);
}

void ClientEngine::run()
{
    while (take_inbox()) {
        expire_queued();
        int running = 0;
        curl_multi_perform(multi_.get(), &running);
        collect_finished();
        if (launch_admitted() || trim_idle() || stay_awake()) {
            continue;
        }
        sleep();
    }
    close_all();
}

bool ClientEngine::take_inbox()
{
    std::vector<std::shared_ptr<Operation>> started;
    std::shared_ptr<Operation> cancelled;
    bool closing = false;
    {
        const std::lock_guard lock(mutex_);
        asleep_ = false;
        has_mail_.store(false, std::memory_order_relaxed);
        started.swap(started_);
        cancelled.swap(cancelled_);
        closing = closing_;
    }
    for (auto& operation : started) {
        operation->ticket = queue_.enqueue(operation->request.lane, operation->deadline);
        operations_.emplace(operation->ticket, std::move(operation));
    }
    while (cancelled) {
        drop(*cancelled, TransportFailure::cancelled, "The request was cancelled");
        cancelled = std::move(cancelled->next_cancelled);
    }
    return !closing;
}

void ClientEngine::expire_queued()
{
    if (queue_.next_deadline() == RequestQueue::no_deadline) {
        return;
    }
    while (const auto ticket = queue_.expire(Clock::now())) {
        drop(*operations_.at(*ticket), TransportFailure::timeout, "Timed out while waiting for a connection");
    }
}

bool ClientEngine::launch_admitted()
{
    bool any = false;
    while (const auto ticket = queue_.admit()) {
        launch(*operations_.at(*ticket));
        any = true;
    }
    return any;
}

void ClientEngine::launch(Operation& operation)
{
    std::chrono::milliseconds timeout{0};
    if (operation.deadline != RequestQueue::no_deadline) {
        timeout =
            std::max(1ms, std::chrono::ceil<std::chrono::milliseconds>(operation.deadline - Clock::now()));
    }
    try {
        if (idle_carriers_.empty()) {
            idle_carriers_.push_back(std::make_unique<Carrier>(options_, open_sockets_));
        }
        idle_carriers_.back()->load(operation.request, timeout);
    } catch (const TransportError&) {
        queue_.release(operation.request.lane);
        finish(operation, std::current_exception(), Response());
        return;
    }
    operation.carrier = std::move(idle_carriers_.back());
    idle_carriers_.pop_back();
    curl_easy_setopt(operation.carrier->handle(), CURLOPT_PRIVATE, &operation);
    curl_multi_add_handle(multi_.get(), operation.carrier->handle());
    last_event_ = Clock::now();
}

void ClientEngine::collect_finished()
{
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
        const CURLcode code = message->data.result;
        Operation* operation = nullptr;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &operation);
        Response response;
        std::exception_ptr failure;
        try {
            response = detach(*operation).take_response(code);
        } catch (const TransportError&) {
            failure = std::current_exception();
        }
        finish(*operation, std::move(failure), std::move(response));
        const auto now = Clock::now();
        service_is_near_ = now < last_event_ + near_time;
        last_event_ = now;
    }
}

/// A caller that asks one thing after another of a near service gets its answers twice as late when this
/// thread falls asleep in between each time. Whether to look again at once, instead: for a moment, and for
/// one request at a time, since with more of them there is always one that comes.
bool ClientEngine::stay_awake() noexcept
{
    if (!service_is_near_ || queue_.in_flight() > 1) {
        return false;
    }
    const auto end = last_event_ + near_time;
    do {
        if (Clock::now() >= end) {
            return false;
        }
        std::this_thread::yield();
    } while (queue_.in_flight() == 0 && !has_mail_.load(std::memory_order_relaxed));
    return true;
}

/// Whether connections were closed. Requests may have ended meanwhile, that are not collected yet.
bool ClientEngine::trim_idle()
{
    const auto now = Clock::now();
    trim_.observe(open_sockets_, queue_.in_flight(), now);
    if (!trim_.due() || *trim_.due() > now) {
        return false;
    }
    evict_idle();
    trim_.trimmed();
    return true;
}

void ClientEngine::evict_idle()
{
    const auto limit = [this](std::size_t connections) {
        curl_multi_setopt(multi_.get(), CURLMOPT_MAX_TOTAL_CONNECTIONS, static_cast<long>(connections));
    };
    // The evictor's own connection counts too, so that at this limit it closes an idle one only if there are
    // more than are to stay.
    limit(queue_.in_flight() + options_.max_idle_connections + 1);
    std::size_t before = 0;
    do {
        before = open_sockets_;
        int running = 0;
        curl_multi_add_handle(multi_.get(), evictor_.get());
        curl_multi_perform(multi_.get(), &running);
        curl_multi_remove_handle(multi_.get(), evictor_.get());
    } while (open_sockets_ < before);
    limit(options_.max_connections);
}

void ClientEngine::sleep()
{
    const auto until = std::min(queue_.next_deadline(), trim_.due().value_or(RequestQueue::no_deadline));
    auto timeout = std::chrono::milliseconds(1h);
    if (until != RequestQueue::no_deadline) {
        timeout =
            std::clamp(std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()), 0ms, timeout);
    }
    {
        const std::lock_guard lock(mutex_);
        if (closing_ || !started_.empty() || cancelled_) {
            return;
        }
        asleep_ = true;
    }
    curl_waitfd wakeup{wakeup_->fd(), CURL_WAIT_POLLIN, 0};
    curl_multi_poll(multi_.get(), &wakeup, 1, static_cast<int>(timeout.count()), nullptr);
    if (wakeup.revents != 0) {
        wakeup_->clear();
    }
}

void ClientEngine::close_all()
{
    while (!operations_.empty()) {
        drop(*operations_.begin()->second, TransportFailure::closed, "The client was closed");
    }
    idle_carriers_.clear();
    evictor_.reset();
    multi_.reset();
}

void ClientEngine::drop(Operation& operation, TransportFailure failure, const char* message)
{
    if (!operation.completion) {
        return;
    }
    if (operation.carrier) {
        detach(operation);
    } else {
        queue_.withdraw(operation.ticket);
    }
    finish(operation, std::make_exception_ptr(TransportError(failure, message)), Response());
}

/// Takes an operation off the wire; a transfer that has not ended loses its connection. The carrier waits for
/// the next one.
Carrier& ClientEngine::detach(Operation& operation)
{
    curl_multi_remove_handle(multi_.get(), operation.carrier->handle());
    queue_.release(operation.request.lane);
    return *idle_carriers_.emplace_back(std::move(operation.carrier));
}

/// The operation may be gone afterwards.
void ClientEngine::finish(Operation& operation, std::exception_ptr failure, Response response)
{
    const auto completion = std::move(operation.completion);
    operations_.erase(operation.ticket);
    completion->complete(std::move(failure), std::move(response));
}

} // namespace drukbox::http
