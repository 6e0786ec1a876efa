#include "http/server/request_parser.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>

#include <limits>

namespace drukbox::http {

namespace beast = boost::beast;
using beast::http::error;

RequestParser::RequestParser(std::size_t max_header_bytes, std::size_t max_body_bytes)
    : max_header_bytes_(max_header_bytes)
    , max_body_bytes_(max_body_bytes)
{
    header_limit(static_cast<std::uint32_t>(
        std::min<std::size_t>(max_header_bytes, std::numeric_limits<std::uint32_t>::max())));
    body_limit(boost::none); // read_body() keeps it, since a request may be answered without its body
}

RequestParser::Progress RequestParser::read_header(InputBuffer& input)
{
    // Some clients end the body of a POST with a line break that is not part of it, RFC 9112, 2.2.
    while (!got_some() && input.bytes().starts_with("\r\n")) {
        input.consume(2);
    }
    if (input.empty() || input.bytes() == "\r") {
        return Progress::incomplete;
    }
    const std::size_t before = input.bytes().size();
    const Progress progress = feed(input);
    if (progress == Progress::incomplete && !is_header_done()) {
        return before >= max_header_bytes_ ? Progress::too_large : Progress::incomplete;
    }
    return progress == Progress::incomplete ? Progress::complete : progress;
}

RequestParser::Progress RequestParser::read_body(InputBuffer& input)
{
    eager(true);
    return is_done() ? Progress::complete : feed(input);
}

RequestParser::Progress RequestParser::skip_body(InputBuffer& input)
{
    skipping_ = true;
    return read_body(input);
}

RequestParser::Progress RequestParser::feed(InputBuffer& input)
{
    error_code error;
    input.consume(put(boost::asio::buffer(input.bytes()), error));
    if (error == error::need_more || (!error && !is_done())) {
        return Progress::incomplete;
    }
    if (error == error::header_limit || error == error::body_limit) {
        return Progress::too_large;
    }
    return error ? Progress::malformed : Progress::complete;
}

bool RequestParser::announces_too_much() const
{
    const auto length = content_length();
    return length && *length > max_body_bytes_;
}

std::uint64_t RequestParser::remaining() const
{
    return content_length_remaining().value_or(std::numeric_limits<std::uint64_t>::max());
}

void RequestParser::on_request_impl(beast::http::verb, string_view method, string_view target, int version,
                                    error_code&)
{
    method_.assign(method.data(), method.size());
    target_.assign(target.data(), target.size());
    version_ = version;
}

void RequestParser::on_response_impl(int, string_view, int, error_code&) {}

void RequestParser::on_field_impl(beast::http::field field, string_view name, string_view value, error_code&)
{
    if (header_done_) {
        return; // a trailer
    }
    headers_.add(std::string(name), std::string(value));
    if (field == beast::http::field::host) {
        ++hosts_;
    } else if (field == beast::http::field::transfer_encoding) {
        other_coding_ = other_coding_ || !beast::iequals(value, "chunked");
    } else if (field == beast::http::field::expect) {
        expects_continue_ = beast::iequals(value, "100-continue");
    }
}

void RequestParser::on_header_impl(error_code& error)
{
    header_done_ = true;
    // Where a request ends must not be a matter of opinion, or one can be smuggled past a proxy in another.
    if (other_coding_ || (is_http_1_0() && chunked())) {
        error = error::bad_transfer_encoding;
    } else if (hosts_ > 1 || (hosts_ == 0 && !is_http_1_0())) {
        error = error::bad_field;
    }
    expects_continue_ = expects_continue_ && !is_http_1_0();
}

void RequestParser::on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) {}

std::size_t RequestParser::take_body(string_view data, error_code& error)
{
    if (!skipping_) {
        if (data.size() > max_body_bytes_ - body_.size()) {
            error = error::body_limit;
            return 0;
        }
        body_.append(data.data(), data.size());
    }
    return data.size();
}

std::size_t RequestParser::on_body_impl(string_view data, error_code& error)
{
    return take_body(data, error);
}

void RequestParser::on_chunk_header_impl(std::uint64_t, string_view, error_code&) {}

std::size_t RequestParser::on_chunk_body_impl(std::uint64_t, string_view data, error_code& error)
{
    return take_body(data, error);
}

void RequestParser::on_finish_impl(error_code&) {}

} // namespace drukbox::http
