#include "wire/requests/findings.hpp"

#include <boost/json.hpp>

namespace drukbox::wire {

namespace json = boost::json;

void Findings::add(std::string type, json::array location, std::string message)
{
    entries_.emplace_back(std::move(type), std::move(location), std::move(message));
}

void Findings::add_rule(json::array location, std::string_view message)
{
    add("value_error", std::move(location), "Value error, " + std::string{message});
}

void Findings::add_mismatch(json::array location, std::string_view pattern)
{
    add("string_pattern_mismatch", std::move(location),
        "String should match pattern '" + std::string{pattern} + "'");
}

std::string Findings::body(std::string_view error_code) const
{
    json::array detail;
    for (const Finding& finding : entries_) {
        json::object entry;
        entry["type"] = finding.type;
        entry["loc"] = finding.location;
        entry["msg"] = finding.message;
        detail.push_back(std::move(entry));
    }
    json::object body;
    body["detail"] = std::move(detail);
    if (!error_code.empty()) {
        body["error_code"] = error_code;
    }
    return json::serialize(body);
}

json::array below(const json::array& location, std::string_view key)
{
    json::array path = location;
    path.emplace_back(key);
    return path;
}

} // namespace drukbox::wire
