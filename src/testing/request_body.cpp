#include "testing/request_body.hpp"

#include <boost/json.hpp>

#include <utility>

namespace drukbox::inline v0::testing::detail {
namespace {

namespace json = boost::json;

bool is_json(const RecordedRequest& request)
{
    const std::string type = request.header("Content-Type");
    return type.empty() || type.find("json") != std::string::npos;
}

std::optional<std::string> as_text(const json::value& value, std::string_view key, Findings& findings)
{
    if (!value.is_string()) {
        findings.add("string_type", {"body", key}, "Input should be a valid string");
        return std::nullopt;
    }
    return std::string{value.as_string()};
}

} // namespace

json::object read_object(const RecordedRequest& request, Findings& findings)
{
    if (request.body.empty()) {
        return {};
    }
    json::error_code error;
    json::value body = is_json(request) ? json::parse(request.body, error) : json::value{request.body};
    if (error) {
        findings.add("json_invalid", {"body", 0}, "JSON decode error");
        return {};
    }
    if (body.is_null()) {
        return {};
    }
    if (!body.is_object()) {
        findings.add("model_attributes_type", {"body"},
                     "Input should be a valid dictionary or object to extract fields from");
        return {};
    }
    return std::move(body.as_object());
}

const json::value* find_value(const json::object& body, std::string_view key)
{
    const json::value* value = body.if_contains(key);
    return value == nullptr || value->is_null() ? nullptr : value;
}

std::optional<std::string> read_text(const json::object& body, std::string_view key, Findings& findings)
{
    const json::value* value = find_value(body, key);
    return value == nullptr ? std::nullopt : as_text(*value, key, findings);
}

std::optional<std::string> read_required_text(const json::object& body, std::string_view key,
                                              Findings& findings)
{
    const json::value* value = body.if_contains(key);
    if (value == nullptr) {
        findings.add("missing", {"body", key}, "Field required");
        return std::nullopt;
    }
    return as_text(*value, key, findings);
}

} // namespace drukbox::inline v0::testing::detail
