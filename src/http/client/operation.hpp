#pragma once

#include "http/client/carrier.hpp"
#include "http/client/engine.hpp"

#include <memory>

namespace drukbox::http {

/// One request on its way through the engine.
class Operation final : public Client::Transfer, public std::enable_shared_from_this<Operation>
{
public:
    Operation(std::weak_ptr<ClientEngine> owner, std::shared_ptr<const Request> what,
              std::unique_ptr<Client::Completion> outcome) noexcept
        : request(*what)
        , completion(std::move(outcome))
        , engine_(std::move(owner))
        , holder_(std::move(what))
    {
    }

    void cancel() noexcept override
    {
        if (const auto engine = engine_.lock()) {
            engine->cancel(shared_from_this());
        }
    }

    // Fixed once it was started.
    const Request& request;
    RequestQueue::TimePoint deadline = RequestQueue::no_deadline;

    // The I/O thread's.
    std::unique_ptr<Client::Completion> completion; // null once completed
    RequestQueue::Ticket ticket = 0;
    std::unique_ptr<Carrier> carrier; // while it is in flight

    // Guarded by the engine's mutex.
    bool cancel_requested = false;
    std::shared_ptr<Operation> next_cancelled;

private:
    std::weak_ptr<ClientEngine> engine_;
    std::shared_ptr<const Request> holder_; // of the request
};

} // namespace drukbox::http
