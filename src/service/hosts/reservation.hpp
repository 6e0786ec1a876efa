#pragma once

#include "service/base/redacted.hpp"
#include "service/hosts/host_context.hpp"
#include "service/providers/provider.hpp"
#include "service/records/host.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace drukbox::service {

/// What a host is to be.
class HostOrder
{
public:
    HostOrder() = default;

    std::optional<std::string> image;
    std::map<std::string, Redacted> env;
    LeaseIntent lease;
    std::optional<std::string> instance_type;
    std::optional<std::int64_t> disk_gb;
};

/// A new host before it has a row: the record, the machine to be and the caller's key, sealed before the
/// provider hears anything.
class Reservation
{
public:
    Host host;
    VmSpec spec;
    std::optional<Redacted> private_key;

    [[nodiscard]] static Reservation prepare(const HostContext& context, const Provider& provider,
                                             const HostOrder& order);

private:
    Reservation() = default;
};

} // namespace drukbox::service
