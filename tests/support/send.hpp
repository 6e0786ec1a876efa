#pragma once

#include "http/client/client.hpp"

#include <exception>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace drukbox::test {

/// What became of a request.
class Outcome
{
public:
    Outcome() = default;

    std::optional<http::TransportFailure> failure;
    std::string message; ///< The failure's.
    http::Response response;
};

/// One request under way, for a test that waits for it.
class Sent
{
public:
    Sent() = default;

    Outcome get() { return outcome.get(); }

    std::future<Outcome> outcome;
    std::shared_ptr<http::Client::Transfer> transfer;
};

class PromisedCompletion final : public http::Client::Completion
{
public:
    void complete(std::exception_ptr failure, http::Response response) noexcept override
    {
        Outcome outcome;
        outcome.response = std::move(response);
        try {
            if (failure) {
                std::rethrow_exception(failure);
            }
        } catch (const http::TransportError& error) {
            outcome.failure = error.failure();
            outcome.message = error.what();
        }
        promise.set_value(std::move(outcome)); // throws, and so ends the test, when called twice
    }

    std::promise<Outcome> promise;
};

inline Sent send(http::Client& client, http::Request request)
{
    auto completion = std::make_unique<PromisedCompletion>();
    Sent sent;
    sent.outcome = completion->promise.get_future();
    sent.transfer = client.start(std::move(request), std::move(completion));
    return sent;
}

} // namespace drukbox::test
