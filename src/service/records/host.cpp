#include "service/records/host.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

namespace drukbox::service {
namespace {

constexpr std::array<std::pair<HostStatus, std::string_view>, 6> names{{
    {HostStatus::provisioning, "provisioning"},
    {HostStatus::creating_network, "creating_network"},
    {HostStatus::creating_vm, "creating_vm"},
    {HostStatus::bootstrapping, "bootstrapping"},
    {HostStatus::active, "active"},
    {HostStatus::error, "error"},
}};

} // namespace

std::string_view to_string(HostStatus status) noexcept
{
    return names[static_cast<std::size_t>(status)].second;
}

HostStatus host_status(std::string_view name)
{
    const auto found = std::ranges::find(names, name, &std::pair<HostStatus, std::string_view>::second);
    if (found == names.end()) {
        throw std::invalid_argument("no host status: " + std::string{name});
    }
    return found->first;
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
