#include "http/server/answer_head.hpp"

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/status.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <ctime>
#include <stdexcept>

namespace drukbox::http {
namespace {

namespace beast = boost::beast;

bool splits_a_line(std::string_view text) noexcept
{
    return std::ranges::any_of(text, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

bool is_the_servers(std::string_view name) noexcept
{
    constexpr std::array<std::string_view, 4> names{"Content-Length", "Connection", "Date",
                                                    "Transfer-Encoding"};
    return std::ranges::any_of(names, [&](std::string_view own) { return beast::iequals(name, own); });
}

void append_number(std::string& out, std::size_t number)
{
    std::array<char, 20> digits;
    out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr);
}

} // namespace

void check_answer(const Response& response)
{
    if (response.status < 200 || response.status > 999) {
        throw std::invalid_argument("an answer without a final status");
    }
    for (const auto& [name, value] : response.headers) {
        if (name.empty() || splits_a_line(name) || splits_a_line(value)) {
            throw std::invalid_argument("an answer with a malformed header field");
        }
    }
}

bool has_body(unsigned status) noexcept
{
    return status != 204 && status != 304;
}

void append_answer_head(std::string& out, const Response& response, Persistence persistence,
                        std::string_view date, Framing framing)
{
    const std::string_view reason =
        beast::http::obsolete_reason(static_cast<beast::http::status>(response.status));
    out.append("HTTP/1.1 ");
    append_number(out, response.status);
    out.append(" ").append(reason).append("\r\nDate: ").append(date);
    for (const auto& [name, value] : response.headers) {
        if (!is_the_servers(name)) {
            out.append("\r\n").append(name).append(": ").append(value);
        }
    }
    if (framing == Framing::chunks) {
        out.append("\r\nTransfer-Encoding: chunked");
    } else if (framing == Framing::length && has_body(response.status)) {
        out.append("\r\nContent-Length: ");
        append_number(out, response.body.size());
    }
    if (persistence == Persistence::close) {
        out.append("\r\nConnection: close");
    } else if (persistence == Persistence::keep_announced) {
        out.append("\r\nConnection: keep-alive");
    }
    out.append("\r\n\r\n");
}

std::string chunk_head(std::size_t size)
{
    std::array<char, 16> digits;
    std::string head(digits.data(),
                     std::to_chars(digits.data(), digits.data() + digits.size(), size, 16).ptr);
    return head += "\r\n";
}

std::string http_date(std::time_t seconds)
{
    constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    std::tm utc{};
    ::gmtime_r(&seconds, &utc);
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                  days.at(static_cast<std::size_t>(utc.tm_wday)), utc.tm_mday,
                  months.at(static_cast<std::size_t>(utc.tm_mon)), utc.tm_year + 1900, utc.tm_hour,
                  utc.tm_min, utc.tm_sec);
    return text.data();
}

} // namespace drukbox::http
