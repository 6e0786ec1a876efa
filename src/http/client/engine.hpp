#pragma once

#include "http/client/carrier.hpp"
#include "http/client/client.hpp"
#include "http/client/curl_handle.hpp"
#include "http/client/idle_trim.hpp"
#include "http/client/request_queue.hpp"
#include "http/client/wakeup.hpp"

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>
#include <vector>

namespace drukbox::http {

class Operation;

/// The client's I/O thread and what it shares with the others: an inbox of new and cancelled requests.
/// Whatever else it has belongs to the I/O thread alone.
class ClientEngine : public std::enable_shared_from_this<ClientEngine>
{
public:
    explicit ClientEngine(ClientOptions options);
    ClientEngine(const ClientEngine&) = delete;
    ClientEngine& operator=(const ClientEngine&) = delete;
    ~ClientEngine();

    std::shared_ptr<Client::Transfer> start(std::shared_ptr<const Request> request,
                                            std::unique_ptr<Client::Completion> completion);
    void cancel(std::shared_ptr<Operation> operation) noexcept;
    void close() noexcept;
    /// Waits until the I/O thread has ended, after close().
    void join();

private:
    using Ticket = RequestQueue::Ticket;
    using Clock = std::chrono::steady_clock;

    void start_thread();
    [[nodiscard]] bool announce() noexcept;

    void run();
    bool take_inbox();
    void expire_queued();
    bool launch_admitted();
    void launch(Operation& operation);
    void collect_finished();
    bool stay_awake() noexcept;
    bool trim_idle();
    void evict_idle();
    void sleep();
    void drop(Operation& operation, TransportFailure failure, const char* message);
    void close_all();
    Carrier& detach(Operation& operation);
    void finish(Operation& operation, std::exception_ptr failure, Response response);

    const ClientOptions options_;

    std::mutex mutex_;
    std::vector<std::shared_ptr<Operation>> started_;
    std::shared_ptr<Operation> cancelled_; // a list, linked through the operations
    bool closing_ = false;
    bool asleep_ = false;
    std::thread thread_;
    std::optional<Wakeup> wakeup_;

    std::atomic<bool> has_mail_{false}; // changed under the mutex, looked at without

    std::size_t open_sockets_ = 0; // before multi_, which closes sockets when it goes
    CurlMulti multi_;
    std::vector<std::unique_ptr<Carrier>> idle_carriers_;
    CurlEasy evictor_;
    std::unordered_map<Ticket, std::shared_ptr<Operation>> operations_;
    RequestQueue queue_;
    IdleTrim trim_;
    Clock::time_point last_event_; // a request put on the wire, or taken off it
    bool service_is_near_ = false; // the last answer came at once
};

} // namespace drukbox::http
