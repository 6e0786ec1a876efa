#include "service/api/findings.hpp"

#include "service/api/responses.hpp"

namespace drukbox::service::api {

void Findings::add(std::string_view type, boost::json::array location, std::string_view message)
{
    boost::json::object entry;
    entry["type"] = type;
    entry["loc"] = std::move(location);
    entry["msg"] = message;
    entries_.push_back(std::move(entry));
}

void Findings::add_value_error(boost::json::array location, std::string_view message)
{
    add("value_error", std::move(location), "Value error, " + std::string{message});
}

http::Response Findings::response(std::string_view error_code) const
{
    boost::json::object body;
    body["detail"] = entries_;
    if (!error_code.empty()) {
        body["error_code"] = error_code;
    }
    return json_response(422, boost::json::serialize(body));
}

} // namespace drukbox::service::api
