#include "wire/requests/parameters.hpp"

#include "wire/ascii.hpp"
#include "wire/requests/query.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace drukbox::wire {

Uuid read_host_id(std::string_view path_segment, Findings& findings)
{
    const auto id = Uuid::parse(path_segment);
    if (!id) {
        findings.add("uuid_parsing", {"path", "host_id"}, "Input should be a valid UUID");
    }
    return id.value_or(Uuid{});
}

std::string read_proxy_name(std::string_view path_segment, Findings& findings)
{
    check_proxy_name(path_segment, {"path", "name"}, findings);
    return std::string{path_segment};
}

void check_proxy_name(std::string_view name, boost::json::array location, Findings& findings)
{
    const auto fits = [](char c) { return is_alphanumeric(c) || c == '_' || c == '.' || c == '-'; };
    if (name.empty() || !is_alphanumeric(name.front()) || !std::ranges::all_of(name, fits)) {
        findings.add_mismatch(std::move(location), "^[A-Za-z0-9][A-Za-z0-9_.-]*$");
    }
}

bool read_force(std::string_view target, Findings& findings)
{
    const auto text = Query{target}.find("force");
    if (!text || text == "false" || text == "0") {
        return false;
    }
    if (text != "true" && text != "1") {
        findings.add("bool_parsing", {"query", "force"},
                     "Input should be a valid boolean, unable to interpret input");
    }
    return true;
}

} // namespace drukbox::wire
