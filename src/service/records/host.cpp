#include "service/records/host.hpp"

#include "wire/host_status.hpp"

#include <algorithm>
#include <stdexcept>

namespace drukbox::service {

std::string_view to_string(HostStatus status) noexcept
{
    return wire::host_statuses[static_cast<std::size_t>(status)];
}

HostStatus host_status(std::string_view name)
{
    const auto found = std::ranges::find(wire::host_statuses, name);
    if (found == wire::host_statuses.end()) {
        throw std::invalid_argument("no host status: " + std::string{name});
    }
    return static_cast<HostStatus>(found - wire::host_statuses.begin());
}

std::optional<Timestamp> LeaseIntent::stamp(Timestamp now, std::chrono::seconds standard_ttl) const noexcept
{
    switch (kind_) {
    case Kind::permanent:
        return std::nullopt;
    case Kind::until:
    case Kind::renewed:
        return until_;
    case Kind::standard:
        break;
    }
    return now + standard_ttl;
}

Timestamp LeaseIntent::provisional(Timestamp now, std::chrono::seconds grace) const noexcept
{
    const Timestamp safety = now + grace;
    return until_ ? std::max(*until_, safety) : safety;
}

std::string host_name(const HostId& id)
{
    const auto text = id.str();
    return "sb-" + text.substr(text.size() - 12);
}

} // namespace drukbox::service
