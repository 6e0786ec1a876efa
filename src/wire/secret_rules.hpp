#pragma once

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <string>
#include <vector>

namespace drukbox::wire {

/// What is wrong with a part of a request, as a 422 tells it. It never repeats a value.
class Finding
{
public:
    Finding(std::string kind, boost::json::array path, std::string text)
        : type(std::move(kind))
        , location(std::move(path))
        , message(std::move(text))
    {
    }

    std::string type;
    boost::json::array location; ///< The path to the value.
    std::string message;
};

/// What is wrong with the `secrets` of a create: an object that has for each name either a `value` or an
/// `issuer`, and for each name that is none of the known ones the `host` and the `auth_variable` that it is
/// for.
[[nodiscard]] std::vector<Finding> check_secrets(const boost::json::value& secrets);

} // namespace drukbox::wire
