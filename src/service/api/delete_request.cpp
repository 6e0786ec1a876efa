#include "service/api/delete_request.hpp"

#include "service/api/query.hpp"

namespace drukbox::service::api {

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

} // namespace drukbox::service::api
