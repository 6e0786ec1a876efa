#pragma once

#include "http/client/client.hpp"
#include "http/client/curl_handle.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace drukbox::http {

/// Carries one request after the other on one curl easy handle: sets it up, collects the answer, tells why
/// there was none.
class Carrier
{
public:
    /// `open_sockets` counts the sockets that curl has open; it outlives the multi handle. `options` outlives
    /// this.
    Carrier(const ClientOptions& options, std::size_t& open_sockets);
    Carrier(const Carrier&) = delete;
    Carrier& operator=(const Carrier&) = delete;

    /// Sets the handle up for `request`, which must live until the transfer has ended. `timeout`: zero for
    /// none. Throws TransportError when the request is not well-formed.
    void load(const Request& request, std::chrono::milliseconds timeout);

    /// The answer, once the transfer has ended with `code`. Throws TransportError when there is none.
    [[nodiscard]] Response take_response(CURLcode code);

    [[nodiscard]] CURL* handle() const noexcept { return easy_.get(); }

private:
    template <typename Value>
    void set(CURLoption option, Value value);
    [[nodiscard]] TransportError failure(CURLcode code) const;
    void set_method(const Request& request);
    void set_headers(const Request& request);
    void set_signature(const Request& request);
    bool take_header_line(std::string_view line);
    bool take_body(std::string_view data);
    void reserve_body(std::size_t received);

    static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* carrier) noexcept;
    static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* carrier) noexcept;

    CurlEasy easy_;
    CurlList headers_;
    Headers headers_set_; // what headers_ was made of
    std::array<char, CURL_ERROR_SIZE> error_{};
    std::size_t max_body_bytes_;
    Response response_;
    std::shared_ptr<BodySink> sink_;
    std::size_t header_bytes_ = 0;
    bool header_complete_ = false;
    bool too_large_ = false;
    bool signs_ = false;
};

} // namespace drukbox::http
