#pragma once

#include "http/message.hpp"

#include <chrono>
#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace drukbox::http {

class ClientEngine;

/// Where a transfer failed before a whole answer was there.
enum class TransportFailure
{
    resolve,
    connect,
    tls,
    send,
    receive,
    timeout,
    cancelled,
    closed,
    too_large,
    other
};

/// No whole HTTP answer was received. `what()` says why in libcurl's words; it never holds a header or a
/// body.
class TransportError : public std::runtime_error
{
public:
    TransportError(TransportFailure failure, const std::string& message)
        : std::runtime_error(message)
        , failure_(failure)
    {
    }

    [[nodiscard]] TransportFailure failure() const noexcept { return failure_; }

private:
    TransportFailure failure_;
};

/// How long a request is expected to hold its connection. Lengthy requests never take the last connections of
/// the pool, so that brief ones do not wait behind them.
enum class Lane
{
    brief,
    lengthy
};

/// Takes the body of a successful answer piece by piece, as it comes in.
class BodySink
{
public:
    BodySink() = default;
    BodySink(const BodySink&) = delete;
    BodySink& operator=(const BodySink&) = delete;
    virtual ~BodySink() = default;

    /// Called on the client's I/O thread: must only hand over.
    virtual void take(std::string_view data) noexcept = 0;
};

/// Has libcurl sign a request by Amazon's Signature Version 4, with the time at which it is sent. Host, date
/// and every field of Request::headers are signed; none of them may be empty, and Content-Type must be among
/// them.
class AwsSignature
{
public:
    AwsSignature() = default;

    std::string region;
    std::string service; ///< `ec2`
    std::string access_key;
    std::string secret_key;
};

class Request
{
public:
    Request() = default;

    Request(std::string http_method, std::string absolute_url)
        : method(std::move(http_method))
        , url(std::move(absolute_url))
    {
    }

    std::string method = "GET";
    std::string url;
    Headers headers;
    /// Sent with Content-Length when present, an empty string included. HEAD has none.
    std::optional<std::string> body;
    /// From the hand-over to the last byte of the answer, queueing included. Zero: no limit.
    std::chrono::milliseconds timeout{0};
    /// False: sent on a connection of its own, because libcurl repeats a request by itself when a reused
    /// connection turns out to be dead, even one that the server has already carried out.
    bool idempotent = true;
    Lane lane = Lane::brief;
    /// Gets the body of a 2xx answer, of any length, in the place of Response::body. Null: nobody does.
    std::shared_ptr<BodySink> sink;
    /// Only for a URL without a query, which libcurl before 8.3 signs as it stands instead of sorted.
    std::optional<AwsSignature> aws_signature;
};

class ClientOptions
{
public:
    ClientOptions() = default;

    /// Connections open at once, in use and idle together. At least 1.
    std::size_t max_connections = 20;
    /// Of those, kept open while idle.
    std::size_t max_idle_connections = 5;
    /// Of max_connections, kept free of lengthy requests. Less than max_connections.
    std::size_t reserved_for_brief = 2;
    std::chrono::milliseconds connect_timeout{0}; ///< Zero: libcurl's default, 300 s.
    std::size_t max_body_bytes = 256U << 20U;     ///< A larger answer is a TransportError, too_large.
    std::string user_agent;
    std::string ca_file;
    std::string ca_directory;
    std::string client_certificate;
    std::string client_key;
    bool verify_tls = true;
    std::string
        proxy; ///< Empty: HTTPS_PROXY, HTTP_PROXY, NO_PROXY of the environment, as libcurl reads them.
    bool direct = false; ///< By no proxy at all.
    std::string unix_socket;
};

/// An HTTP/1.1 client: one libcurl multi handle and one I/O thread, bound to no event loop.
///
/// Thread safety: every member may be called from any thread at any time; the destructor from any thread,
/// the I/O thread excepted.
class Client
{
public:
    /// Receives the outcome of one request.
    class Completion
    {
    public:
        Completion() = default;
        Completion(const Completion&) = delete;
        Completion& operator=(const Completion&) = delete;
        virtual ~Completion() = default;

        /// Called exactly once, on the I/O thread or, once the client is closed, on the closing or calling
        /// thread. Must only hand over to another executor: no user code may run in here. On failure
        /// `failure` holds a TransportError and the response is empty.
        virtual void complete(std::exception_ptr failure, Response response) noexcept = 0;
    };

    /// One request under way. Dropping the handle does not cancel it.
    class Transfer
    {
    public:
        Transfer() = default;
        Transfer(const Transfer&) = delete;
        Transfer& operator=(const Transfer&) = delete;
        virtual ~Transfer() = default;

        /// Closes the transfer's connection and completes it with TransportFailure::cancelled, unless it has
        /// completed. Any thread; returns at once; may be called again.
        virtual void cancel() noexcept = 0;
    };

    /// Throws std::invalid_argument for options out of their range. Opens nothing and starts no thread yet.
    explicit Client(ClientOptions options);
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    /// close(), and waits for the I/O thread.
    ~Client();

    /// Hands a request over and returns at once. Redirects are not followed. Method and header fields that
    /// are not well-formed fail the request before anything is sent. After close() it completes with
    /// TransportFailure::closed. The completion is released right after it was called.
    /// Throws if there is no memory or no thread to be had; the completion is then not called.
    std::shared_ptr<Transfer> start(Request request, std::unique_ptr<Completion> completion);

    /// The same for a request that is not copied.
    std::shared_ptr<Transfer> start(std::shared_ptr<const Request> request,
                                    std::unique_ptr<Completion> completion);

    /// Lets the I/O thread complete every request under way with TransportFailure::closed, once each, close
    /// every connection and end. Returns at once. May be called again.
    void close() noexcept;

private:
    std::shared_ptr<ClientEngine> engine_;
};

} // namespace drukbox::http
