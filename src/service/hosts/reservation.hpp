#pragma once

#include "service/base/redacted.hpp"
#include "service/hosts/context.hpp"
#include "service/hosts/order.hpp"
#include "service/providers/provider.hpp"
#include "service/records/host.hpp"

#include <optional>

namespace drukbox::service {

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
