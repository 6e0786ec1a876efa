#include "http/server/request_parser.hpp"

#include "http/server/token.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <limits>

namespace drukbox::http {
namespace {

namespace beast = boost::beast;
using beast::http::error;

constexpr std::string_view end_of_header = "\r\n\r\n";

/// Whether a field of a header goes on in the next line: what was one field to some is two to others, and
/// which one says where the request ends is a matter of opinion.
bool has_folded_line(std::string_view header) noexcept
{
    return header.find("\n ") != std::string_view::npos || header.find("\n\t") != std::string_view::npos;
}

} // namespace

RequestParser::RequestParser(std::size_t max_header_bytes, std::size_t max_body_bytes)
    : header_bytes_left_(max_header_bytes)
    , max_body_bytes_(max_body_bytes)
    , chunks_(max_body_bytes)
{
    // The limits are kept here, on what arrives. Beast counts only what it has not parsed yet.
    header_limit(std::numeric_limits<std::uint32_t>::max());
    body_limit(boost::none);
}

RequestParser::Progress RequestParser::read_header(InputBuffer& input)
{
    // Some clients end the body of a POST with a line break that is not part of it, RFC 9112, 2.2.
    while (searched_ == 0 && header_bytes_left_ >= 2 && input.bytes().starts_with("\r\n")) {
        input.consume(2);
        header_bytes_left_ -= 2;
    }
    const auto bytes = input.bytes().substr(0, header_bytes_left_);
    const bool is_full = bytes.size() == header_bytes_left_;
    if (bytes.empty() || bytes == "\r") {
        return is_full ? Progress::too_large : Progress::incomplete;
    }
    if (!is_token(bytes.front())) {
        return Progress::malformed; // no method: whoever speaks another protocol hears so at once
    }
    const auto end = bytes.find(end_of_header, searched_);
    if (end == std::string_view::npos) {
        searched_ = bytes.size() - std::min(bytes.size(), end_of_header.size() - 1);
        return is_full ? Progress::too_large : Progress::incomplete;
    }
    const auto header = bytes.substr(0, end + end_of_header.size());
    const auto progress = parse_header(header);
    input.consume(header.size());
    return progress;
}

RequestParser::Progress RequestParser::parse_header(std::string_view header)
{
    if (has_folded_line(header)) {
        return Progress::malformed;
    }
    error_code failure;
    put(boost::asio::buffer(header), failure);
    if ((failure && failure != error::need_more) || !is_header_done()) {
        return Progress::malformed;
    }
    length_left_ = chunked() ? 0 : content_length().value_or(0);
    complete_ = !chunked() && length_left_ == 0;
    return Progress::complete;
}

RequestParser::Progress RequestParser::read_body(InputBuffer& input)
{
    if (announces_too_much()) {
        return Progress::too_large;
    }
    return take_body(input, true);
}

RequestParser::Progress RequestParser::skip_body(InputBuffer& input)
{
    return take_body(input, false);
}

RequestParser::Progress RequestParser::take_body(InputBuffer& input, bool keep)
{
    auto bytes = input.bytes();
    auto progress = Progress::complete;
    if (complete_) {
        return progress;
    }
    if (chunked()) {
        progress = chunks_.decode(bytes, body_);
    } else {
        const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(length_left_, bytes.size()));
        if (keep) {
            body_.append(bytes.substr(0, size));
        }
        bytes.remove_prefix(size);
        length_left_ -= size;
        progress = length_left_ == 0 ? Progress::complete : Progress::incomplete;
    }
    input.consume(input.bytes().size() - bytes.size());
    complete_ = progress == Progress::complete;
    return progress;
}

bool RequestParser::announces_too_much() const noexcept
{
    return length_left_ + body_.size() > max_body_bytes_;
}

std::uint64_t RequestParser::remaining() const noexcept
{
    return chunked() && !complete_ ? std::numeric_limits<std::uint64_t>::max() : length_left_;
}

void RequestParser::on_request_impl(beast::http::verb, string_view method, string_view target, int version,
                                    error_code& error)
{
    // Neither an absolute URL nor an authority nor `*`: who routes by those may see another path than we do.
    if (!target.starts_with('/')) {
        error = beast::http::error::bad_target;
        return;
    }
    method_.assign(method.data(), method.size());
    target_.assign(target.data(), target.size());
    version_ = version;
}

void RequestParser::on_response_impl(int, string_view, int, error_code&) {}

void RequestParser::on_field_impl(beast::http::field field, string_view name, string_view value, error_code&)
{
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
    // Where a request ends must not be a matter of opinion, or one can be smuggled past a proxy in another.
    if (other_coding_ || (is_http_1_0() && chunked())) {
        error = error::bad_transfer_encoding;
    } else if (hosts_ > 1 || (hosts_ == 0 && !is_http_1_0())) {
        error = error::bad_field;
    }
    expects_continue_ = expects_continue_ && !is_http_1_0();
}

void RequestParser::on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) {}

std::size_t RequestParser::on_body_impl(string_view data, error_code&)
{
    return data.size();
}

void RequestParser::on_chunk_header_impl(std::uint64_t, string_view, error_code&) {}

std::size_t RequestParser::on_chunk_body_impl(std::uint64_t, string_view data, error_code&)
{
    return data.size();
}

void RequestParser::on_finish_impl(error_code&) {}

} // namespace drukbox::http
