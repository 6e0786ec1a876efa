#pragma once

#include <drukbox/export.hpp>
#include <drukbox/sandbox_config.hpp>
#include <drukbox/testing/answer.hpp>
#include <drukbox/testing/fake_service_options.hpp>
#include <drukbox/testing/operation.hpp>
#include <drukbox/testing/recorded_request.hpp>
#include <drukbox/testing/service_state.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace drukbox::inline v0::testing {

/// A Drukbox service for tests: in the process of the test, over real HTTP on a port of 127.0.0.1. It behaves
/// like the service unless it is told otherwise, fails where it is told to, and remembers what it was asked.
/// Under `/v0.2` and `/litterbox` it shows its hosts in the records of older clients, as the service does.
///
///     drukbox::testing::FakeService service;
///     drukbox::SandboxClient sandbox{service.config()};
///
///     const auto host = sandbox.create_host();                                       // as from the service
///     service.answer(Answer::error(503, "maintenance"));                             // the next request
///     fails service.answer(Operation::create_host, Answer::genuine().cut());               // made, and the
///     answer lost service.answer_always(Operation::delete_host, Answer::genuine().held());       // until
///     release() service.state().fail_next_create("ProviderError: out of quota");               // a 502, a
///     host in `error`
///
/// Which answer a request gets: the first of those for its operation, else the first of those for any
/// request, else the one that is always given for its operation, else the one that is always given, else the
/// genuine one.
///
/// Object lifetimes: the service ends with the object, its connections at once; it waits for nothing but its
/// own thread, which runs no code of the test. Thread safety: everything here may be called from any thread
/// at any time, the destructor excepted.
class DRUKBOX_API FakeService
{
public:
    /// Listens from now on, on a port that was free.
    ///
    /// Errors: std::invalid_argument for options without a provider; boost::system::system_error, a
    /// std::runtime_error, where no socket is to be had.
    explicit FakeService(FakeServiceOptions options = FakeServiceOptions());

    FakeService(const FakeService&) = delete;
    FakeService& operator=(const FakeService&) = delete;

    /// Closes every connection, and the port.
    ~FakeService();

    /// `http://127.0.0.1:` and the port: the base URL for a client.
    [[nodiscard]] std::string url() const;

    /// The port it listens on.
    [[nodiscard]] std::uint16_t port() const noexcept;

    /// What a client needs to talk to it: its URL and the token of its options.
    [[nodiscard]] SandboxConfig config() const;

    /// What the genuine answers come from.
    [[nodiscard]] ServiceState state() const;

    /// Answers the next request that no other answer is waiting for.
    void answer(Answer answer);

    /// Answers the next request for this operation that no other answer is waiting for.
    void answer(Operation operation, Answer answer);

    /// Answers every request for which there is none of its own.
    void answer_always(Answer answer);

    /// Answers every request for this operation for which there is none of its own.
    void answer_always(Operation operation, Answer answer);

    /// Forgets every answer that was given, so that all are genuine again. Those on their way stay as they
    /// are.
    void clear_answers();

    /// Closes the next connections as soon as they are made, before a byte of a request is read.
    void drop_connections(std::size_t count = 1);

    /// Closes every connection that is open now, whatever it is doing.
    void close_connections();

    /// Lets every held answer go, and those to come, until hold_again().
    void release();

    /// Holds answers again that are to be held, after a release().
    void hold_again();

    /// Lets the answer go that has been held the longest. When none is held, the next one will not be.
    void release_one();

    /// How many answers are held.
    [[nodiscard]] std::size_t answers_held() const;

    /// Every request so far, in the order in which they were read.
    [[nodiscard]] std::vector<RecordedRequest> requests() const;

    /// Every request so far for one operation.
    [[nodiscard]] std::vector<RecordedRequest> requests(Operation operation) const;

    /// How many connections have been made so far, those included that were dropped.
    [[nodiscard]] std::size_t connections_opened() const;

    /// How many of them are open now.
    [[nodiscard]] std::size_t connections_open() const;

    /// Waits until at least `count` requests have been read; false when they have not within the timeout.
    [[nodiscard]] bool wait_for_requests(std::size_t count,
                                         std::chrono::milliseconds timeout = std::chrono::seconds{10}) const;

    /// Waits until at least `count` answers are held; false when they are not within the timeout.
    [[nodiscard]] bool wait_for_answers_held(std::size_t count,
                                             std::chrono::milliseconds timeout = std::chrono::seconds{
                                                 10}) const;

    /// Waits until exactly `count` connections are open; false when they are not within the timeout.
    [[nodiscard]] bool wait_until_connections_open(std::size_t count,
                                                   std::chrono::milliseconds timeout = std::chrono::seconds{
                                                       10}) const;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace drukbox::inline v0::testing
