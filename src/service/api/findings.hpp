#pragma once

#include "http/message.hpp"

#include <boost/json.hpp>

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace drukbox::service::api {

/// What is wrong with a request: the entries of a 422's `detail`, all of them at once.
class Findings
{
public:
    Findings() = default;

    /// Adds a finding. `location` is the path to the value; `input` the offending value, none where it could
    /// hold a secret.
    void add(std::string_view type, boost::json::array location, std::string_view message,
             std::optional<boost::json::value> input = std::nullopt, boost::json::object context = {});

    /// A rule of ours that a value breaks: type `value_error`, the message after `Value error, `.
    void add_value_error(boost::json::array location, std::string_view message,
                         std::optional<boost::json::value> input = std::nullopt);

    [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }

    /// The 422.
    [[nodiscard]] http::Response response() const;

private:
    boost::json::array entries_;
};

/// The bytes of a path or a header as the `input` of a finding; they need not be UTF-8, as JSON must be: then
/// they do not come back.
[[nodiscard]] std::optional<boost::json::value> as_input(std::string_view text);

} // namespace drukbox::service::api
