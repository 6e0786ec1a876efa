#include "service/api/delete_request.hpp"

namespace drukbox::service::api {

bool read_force(std::string_view target, Findings& findings)
{
    constexpr std::string_view field = "force=";
    bool force = false;
    const auto begin = target.find('?');
    auto query = begin == std::string_view::npos ? std::string_view{} : target.substr(begin + 1);
    while (!query.empty()) {
        const auto end = query.find('&');
        auto value = query.substr(0, end);
        query = end == std::string_view::npos ? std::string_view{} : query.substr(end + 1);
        if (!value.starts_with(field)) {
            continue;
        }
        value.remove_prefix(field.size());
        if (value == "true" || value == "1") {
            force = true;
        } else if (value == "false" || value == "0") {
            force = false;
        } else {
            boost::json::array location{"query", "force"};
            findings.add("bool_parsing", std::move(location),
                         "Input should be a valid boolean, unable to interpret input", as_input(value));
        }
    }
    return force;
}

} // namespace drukbox::service::api
