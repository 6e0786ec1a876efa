#include "service/api/responses.hpp"

#include <boost/json.hpp>

namespace drukbox::service::api {

http::Response json_response(unsigned status, std::string body)
{
    return http::Response{status, "application/json", std::move(body)};
}

http::Response error_response(unsigned status, std::string_view detail, std::string_view error_code)
{
    boost::json::object body;
    body["detail"] = detail;
    if (!error_code.empty()) {
        body["error_code"] = error_code;
    }
    return json_response(status, boost::json::serialize(body));
}

} // namespace drukbox::service::api
