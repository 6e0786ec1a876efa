#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace drukbox::testing {

/// What the fake service does with a request.
class Answer
{
public:
    Answer() = default;

    /// A whole answer with a JSON body.
    [[nodiscard]] static Answer json(unsigned status, std::string body);
    /// A whole answer of another media type.
    [[nodiscard]] static Answer text(unsigned status, std::string content_type, std::string body);
    /// A status line and headers that announce no body.
    [[nodiscard]] static Answer empty(unsigned status);
    /// These bytes, and the connection is closed.
    [[nodiscard]] static Answer raw(std::string bytes);

    /// The connection is closed without a byte.
    [[nodiscard]] static Answer drop() { return raw(""); }

    /// Not before release(), or until the client has gone.
    [[nodiscard]] Answer held() &&;

private:
    friend class FakeService;

    std::string bytes_;
    bool closes_ = false;
    bool held_ = false;
};

/// A request as it came in.
class RecordedRequest
{
public:
    RecordedRequest() = default;

    /// The value of the first header of that name, in any case; empty where there is none.
    [[nodiscard]] std::string header(std::string_view name) const;

    std::string method;
    std::string target;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
};

/// An HTTP service over loopback that answers as it is told and remembers what it was asked. It runs on a
/// thread of its own; its members may be called from any thread.
class FakeService
{
public:
    FakeService();
    FakeService(const FakeService&) = delete;
    FakeService& operator=(const FakeService&) = delete;
    ~FakeService();

    [[nodiscard]] std::string url() const;

    /// Answers the next request that no other answer is waiting for.
    void answer(Answer answer);
    /// Answers every request for which there is none of its own.
    void answer_always(Answer answer);
    /// Lets every held answer go, and those to come.
    void release();

    [[nodiscard]] std::vector<RecordedRequest> requests() const;
    [[nodiscard]] std::size_t connections_opened() const;
    [[nodiscard]] std::size_t connections_open() const;

    /// Wait until as many have come in, and gone; false after ten seconds.
    [[nodiscard]] bool wait_for_requests(std::size_t count) const;
    [[nodiscard]] bool wait_until_connections_open(std::size_t count) const;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace drukbox::testing
