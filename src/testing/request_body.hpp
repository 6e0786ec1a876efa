#pragma once

#include "testing/findings.hpp"

#include <drukbox/testing/recorded_request.hpp>

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <string_view>

// What a JSON body of the API holds. What is not as it should be is added to the findings.
namespace drukbox::inline v0::testing::detail {

/// An absent body, or null, is an empty object.
[[nodiscard]] boost::json::object read_object(const RecordedRequest& request, Findings& findings);

/// Null where the key is absent, or its value null.
[[nodiscard]] const boost::json::value* find_value(const boost::json::object& body, std::string_view key);

[[nodiscard]] std::optional<std::string> read_text(const boost::json::object& body, std::string_view key,
                                                   Findings& findings);

/// The key must be there.
[[nodiscard]] std::optional<std::string> read_required_text(const boost::json::object& body,
                                                            std::string_view key, Findings& findings);

[[nodiscard]] constexpr bool is_digit(char c) noexcept
{
    return c >= '0' && c <= '9';
}

[[nodiscard]] constexpr bool is_alphanumeric(char c) noexcept
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c);
}

} // namespace drukbox::inline v0::testing::detail
