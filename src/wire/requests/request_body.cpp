#include "wire/requests/request_body.hpp"

#include "wire/ascii.hpp"

#include <boost/json.hpp>

#include <utility>

namespace drukbox::wire {
namespace {

namespace json = boost::json;

bool is_json(std::string_view content_type)
{
    auto type = to_lower(std::string{content_type.substr(0, content_type.find(';'))});
    std::erase_if(type, [](char c) { return c == ' ' || c == '\t'; });
    return type.empty() || type == "application/json" ||
           (type.starts_with("application/") && type.ends_with("+json"));
}

/// The JSON value of a body; null where there is none. Nothing, and a finding, when it is not JSON.
std::optional<json::value> read_json(const RequestBody& body, Findings& findings)
{
    if (body.text.empty()) {
        return json::value{};
    }
    if (!is_json(body.content_type)) {
        add_no_fields({"body"}, findings);
        return std::nullopt;
    }
    json::stream_parser parser;
    json::error_code error;
    // The parser stops at the first thing it cannot accept, invalid UTF-8 included: that is the offset to
    // tell.
    const auto taken = parser.write_some(body.text.data(), body.text.size(), error);
    if (!error && body.text.find_first_not_of(" \t\r\n", taken) != std::string_view::npos) {
        error = json::error::extra_data;
    }
    if (!error) {
        parser.finish(error);
    }
    if (error) {
        findings.add("json_invalid", {"body", taken}, "JSON decode error");
        return std::nullopt;
    }
    return parser.release();
}

std::optional<json::object> as_object(json::value&& value, Findings& findings)
{
    if (!value.is_object()) {
        add_no_fields({"body"}, findings);
        return std::nullopt;
    }
    return std::move(value.as_object());
}

} // namespace

std::optional<json::object> read_object(const RequestBody& body, Findings& findings)
{
    auto value = read_json(body, findings);
    if (!value) {
        return std::nullopt;
    }
    return value->is_null() ? json::object{} : as_object(std::move(*value), findings);
}

std::optional<json::object> read_required_object(const RequestBody& body, Findings& findings)
{
    auto value = read_json(body, findings);
    if (!value) {
        return std::nullopt;
    }
    if (value->is_null()) {
        findings.add("missing", {"body"}, "Field required");
        return std::nullopt;
    }
    return as_object(std::move(*value), findings);
}

const json::value* find_value(const json::object& object, std::string_view key)
{
    const json::value* const value = object.if_contains(key);
    return value == nullptr || value->is_null() ? nullptr : value;
}

const json::string* as_text(const json::value& value, json::array location, Findings& findings)
{
    if (!value.is_string()) {
        findings.add("string_type", std::move(location), "Input should be a valid string");
    }
    return value.if_string();
}

const json::object* as_dictionary(const json::value& value, json::array location, Findings& findings)
{
    if (!value.is_object()) {
        findings.add("dict_type", std::move(location), "Input should be a valid dictionary");
    }
    return value.if_object();
}

const json::object* as_filled_dictionary(const json::value& value, const json::array& location,
                                         Findings& findings)
{
    const json::object* const object = as_dictionary(value, location, findings);
    if (object != nullptr && object->empty()) {
        findings.add("too_short", location, "Dictionary should have at least 1 item after validation, not 0");
    }
    return object;
}

void add_no_fields(json::array location, Findings& findings)
{
    findings.add("model_attributes_type", std::move(location),
                 "Input should be a valid dictionary or object to extract fields from");
}

} // namespace drukbox::wire
