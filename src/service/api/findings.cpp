#include "service/api/findings.hpp"

#include "service/api/responses.hpp"
#include "wire/utf8.hpp"

namespace drukbox::service::api {

void Findings::add(std::string_view type, boost::json::array location, std::string_view message,
                   std::optional<boost::json::value> input, boost::json::object context)
{
    boost::json::object entry;
    entry["type"] = type;
    entry["loc"] = std::move(location);
    entry["msg"] = message;
    if (input) {
        entry["input"] = std::move(*input);
    }
    if (!context.empty()) {
        entry["ctx"] = std::move(context);
    }
    entries_.push_back(std::move(entry));
}

void Findings::add_value_error(boost::json::array location, std::string_view message,
                               std::optional<boost::json::value> input)
{
    boost::json::object context;
    context["error"] = boost::json::object{};
    add("value_error", std::move(location), "Value error, " + std::string{message}, std::move(input),
        std::move(context));
}

std::optional<boost::json::value> as_input(std::string_view text)
{
    return wire::is_utf8(text) ? std::optional{boost::json::value(text)} : std::nullopt;
}

http::Response Findings::response() const
{
    boost::json::object body;
    body["detail"] = entries_;
    return json_response(422, boost::json::serialize(body));
}

} // namespace drukbox::service::api
