#pragma once

#include "service/records/host.hpp"

#include <cstddef>
#include <optional>
#include <string>

namespace drukbox::service {

/// A place in the list of all hosts, newest first: right after a host, whether or not it still exists.
class HostPosition
{
public:
    HostPosition() = default;

    explicit HostPosition(const Host& host)
        : created_at(host.created_at)
        , id(host.id)
    {
    }

    Timestamp created_at{};
    HostId id;
};

/// Which part of the list of all hosts is asked for.
class HostPage
{
public:
    HostPage() = default;

    std::optional<HostPosition> after; ///< None: from the newest on.
    std::optional<HostStatus> status;
    std::optional<std::string> provider;
    std::size_t limit = 100;
};

} // namespace drukbox::service
