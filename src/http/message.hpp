#pragma once

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace drukbox::http {

/// Header fields in the order they stood on the wire. Names compare without regard to case.
class Headers
{
public:
    using Field = std::pair<std::string, std::string>;

    Headers() = default;

    void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }

    /// The first field of that name.
    [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const noexcept;

    [[nodiscard]] auto begin() const noexcept { return fields_.begin(); }

    [[nodiscard]] auto end() const noexcept { return fields_.end(); }

    [[nodiscard]] bool empty() const noexcept { return fields_.empty(); }

    /// Names in the same case, too.
    friend bool operator==(const Headers&, const Headers&) = default;

private:
    std::vector<Field> fields_;
};

/// An HTTP answer, as the client received it or as the server is to send it.
class Response
{
public:
    Response() = default;

    explicit Response(unsigned status_code)
        : status(status_code)
    {
    }

    Response(unsigned status_code, std::string content_type, std::string content);

    unsigned status = 0;
    Headers headers;
    std::string body;

    /// Of an answer that is made piece by piece as the client takes it: gives what comes after `body`, and
    /// nothing at its end. What it throws cuts the connection, so that the client sees that something is
    /// missing. May be empty.
    std::function<boost::asio::awaitable<std::string>()> rest;
};

} // namespace drukbox::http
