#pragma once

#include "http/message.hpp"
#include "http/server/chunk_decoder.hpp"
#include "http/server/input_buffer.hpp"

#include <boost/beast/http/basic_parser.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace drukbox::http {

/// One request as its bytes come in: first the header, then, if somebody wants it, the body.
///
/// Every byte counts against one of the two limits: against that of the header whatever comes before the
/// body, the blank lines before a request among it, and against that of the body all that it takes on the
/// wire.
class RequestParser final : private boost::beast::http::basic_parser<true>
{
public:
    using Progress = ChunkDecoder::Progress;

    RequestParser(std::size_t max_header_bytes, std::size_t max_body_bytes);

    Progress read_header(InputBuffer& input);
    /// After the header.
    Progress read_body(InputBuffer& input);
    /// The same for a body of known length, but keeps nothing and knows no limit.
    Progress skip_body(InputBuffer& input);

    [[nodiscard]] const std::string& method() const noexcept { return method_; }

    [[nodiscard]] const std::string& target() const noexcept { return target_; }

    [[nodiscard]] const Headers& headers() const noexcept { return headers_; }

    [[nodiscard]] std::string& body() noexcept { return body_; }

    /// Whether the client goes on with this connection after the answer.
    [[nodiscard]] bool keeps_alive() const { return basic_parser::keep_alive(); }

    [[nodiscard]] bool is_http_1_0() const noexcept { return version_ < 11; }

    /// The client waits for leave to send the body.
    [[nodiscard]] bool expects_continue() const noexcept { return expects_continue_; }

    /// All of the request was received, its body included.
    [[nodiscard]] bool complete() const noexcept { return complete_; }

    /// Whether the header announced a body larger than the limit.
    [[nodiscard]] bool announces_too_much() const noexcept;
    /// How much of the body is still to come, if the header said so; else a very large number.
    [[nodiscard]] std::uint64_t remaining() const noexcept;

private:
    using error_code = boost::beast::error_code;
    using string_view = boost::beast::string_view;

    Progress parse_header(std::string_view header);
    Progress take_body(InputBuffer& input, bool keep);

    void on_request_impl(boost::beast::http::verb, string_view, string_view, int, error_code&) override;
    void on_response_impl(int, string_view, int, error_code&) override;
    void on_field_impl(boost::beast::http::field, string_view, string_view, error_code&) override;
    void on_header_impl(error_code&) override;
    void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override;
    std::size_t on_body_impl(string_view, error_code&) override;
    void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override;
    std::size_t on_chunk_body_impl(std::uint64_t, string_view, error_code&) override;
    void on_finish_impl(error_code&) override;

    std::size_t header_bytes_left_;
    std::size_t max_body_bytes_;
    std::size_t searched_ = 0; ///< So much of the header does not hold its end.
    std::string method_;
    std::string target_;
    Headers headers_;
    std::string body_;
    ChunkDecoder chunks_;
    std::uint64_t length_left_ = 0; ///< Of a body that does not come in chunks.
    int version_ = 11;
    int hosts_ = 0;
    bool other_coding_ = false;
    bool expects_continue_ = false;
    bool complete_ = false;
};

} // namespace drukbox::http
