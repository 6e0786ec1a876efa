#include "testing/findings.hpp"

#include <boost/json.hpp>

#include <utility>

namespace drukbox::inline v0::testing::detail {

void Findings::add(std::string_view type, boost::json::array location, std::string_view message)
{
    boost::json::object entry;
    entry["type"] = type;
    entry["loc"] = std::move(location);
    entry["msg"] = message;
    entries_.push_back(std::move(entry));
}

void Findings::add_rule(boost::json::array location, std::string_view message)
{
    add("value_error", std::move(location), "Value error, " + std::string{message});
}

Answer Findings::answer(std::string_view error_code) const
{
    boost::json::object body;
    body["detail"] = entries_;
    if (!error_code.empty()) {
        body["error_code"] = error_code;
    }
    return Answer::json(422, boost::json::serialize(body));
}

} // namespace drukbox::inline v0::testing::detail
