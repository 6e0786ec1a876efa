#pragma once

#include "wire/requests/findings.hpp"
#include "wire/timestamp.hpp"
#include "wire/uuid.hpp"

#include <compare>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace drukbox::wire {

/// A place in the list of all hosts: right after a host, whether or not it still exists.
class ListPosition
{
public:
    ListPosition() = default;

    ListPosition(Timestamp created, const Uuid& host_id)
        : created_at(created)
        , id(host_id)
    {
    }

    Timestamp created_at{};
    Uuid id;

    friend auto operator<=>(const ListPosition&, const ListPosition&) = default;
};

/// What of the list of hosts a caller asks for.
class ListRequest
{
public:
    ListRequest() = default;

    std::optional<ListPosition> after; ///< None: from the newest on.
    std::optional<std::string> status; ///< One of host_statuses.
    std::optional<std::string> provider;
    std::size_t limit = 100;
    bool all = true; ///< Not a page: everything that is not filtered out.
};

/// Reads `limit`, `cursor`, `status` and `provider` from the query of a request target.
[[nodiscard]] ListRequest read_list_request(std::string_view target, Findings& findings);

/// The `Link` to the page after `last`, below `prefix`.
[[nodiscard]] std::string next_link(std::string_view prefix, const ListRequest& page,
                                    const ListPosition& last);

} // namespace drukbox::wire
