#pragma once

#include "service/api/findings.hpp"
#include "service/records/host_page.hpp"

#include <string>
#include <string_view>

namespace drukbox::service::api {

/// What of the list of hosts a caller asks for.
class ListRequest
{
public:
    ListRequest() = default;

    HostPage page;
    bool all = true; ///< Not a page: everything that `page` does not filter out.
};

/// Reads `limit`, `cursor`, `status` and `provider` from the query of a request target.
[[nodiscard]] ListRequest read_list_request(std::string_view target, Findings& findings);

/// The query that asks for the page after `last`.
[[nodiscard]] std::string next_query(const HostPage& page, const HostPosition& last);

} // namespace drukbox::service::api
