#pragma once

#include "http/message.hpp"

#include <boost/json.hpp>

#include <string>
#include <string_view>

namespace drukbox::service::api {

/// What is wrong with a request: the entries of a 422's `detail`, all of them at once.
class Findings
{
public:
    Findings() = default;

    /// Adds a finding. `location` is the path to the value, which does not come back itself: it could be a
    /// secret.
    void add(std::string_view type, boost::json::array location, std::string_view message);

    /// A rule of ours that a value breaks: type `value_error`, the message after `Value error, `.
    void add_value_error(boost::json::array location, std::string_view message);

    [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }

    /// The 422, with an `error_code` where one is given.
    [[nodiscard]] http::Response response(std::string_view error_code = {}) const;

private:
    boost::json::array entries_;
};

} // namespace drukbox::service::api
