#include "service/api/request_body.hpp"

#include <algorithm>
#include <string>

namespace drukbox::service::api {
namespace {

bool is_json(const http::Headers& headers)
{
    const auto given = headers.find("Content-Type");
    if (!given) {
        return true;
    }
    std::string type{given->substr(0, given->find(';'))};
    std::erase_if(type, [](char c) { return c == ' ' || c == '\t'; });
    std::ranges::transform(type, type.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return type.empty() || type == "application/json" ||
           (type.starts_with("application/") && type.ends_with("+json"));
}

void add_not_an_object(Findings& findings)
{
    findings.add("model_attributes_type", {"body"},
                 "Input should be a valid dictionary or object to extract fields from");
}

/// The JSON value of a body; null where there is none. Nothing, and a finding, when it is not JSON.
std::optional<boost::json::value> read_json(const http::Headers& headers, std::string_view body,
                                            Findings& findings)
{
    if (body.empty()) {
        return boost::json::value{};
    }
    if (!is_json(headers)) {
        add_not_an_object(findings);
        return std::nullopt;
    }
    boost::json::stream_parser parser;
    boost::json::error_code error;
    // The parser stops at the first thing it cannot accept, invalid UTF-8 included: that is the offset to
    // tell.
    const auto taken = parser.write_some(body.data(), body.size(), error);
    auto offset = taken;
    if (!error && body.find_first_not_of(" \t\r\n", taken) != std::string_view::npos) {
        error = boost::json::error::extra_data;
    }
    if (!error) {
        parser.finish(error);
    }
    if (error) {
        findings.add("json_invalid", {"body", offset}, "JSON decode error");
        return std::nullopt;
    }
    return parser.release();
}

std::optional<boost::json::object> as_object(boost::json::value&& value, Findings& findings)
{
    if (!value.is_object()) {
        add_not_an_object(findings);
        return std::nullopt;
    }
    return std::move(value.as_object());
}

} // namespace

std::optional<boost::json::object> read_object(const http::Headers& headers, std::string_view body,
                                               Findings& findings)
{
    auto value = read_json(headers, body, findings);
    if (!value) {
        return std::nullopt;
    }
    return value->is_null() ? boost::json::object{} : as_object(std::move(*value), findings);
}

std::optional<boost::json::object> read_required_object(const http::Headers& headers, std::string_view body,
                                                        Findings& findings)
{
    auto value = read_json(headers, body, findings);
    if (!value) {
        return std::nullopt;
    }
    if (value->is_null()) {
        findings.add("missing", {"body"}, "Field required");
        return std::nullopt;
    }
    return as_object(std::move(*value), findings);
}

} // namespace drukbox::service::api
