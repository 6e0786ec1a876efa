#pragma once

#include "service/hosts/host_context.hpp"
#include "service/hosts/host_service.hpp"
#include "wire/key_use.hpp"

namespace drukbox::service {

/// What a create uses an idempotency key for, as digests of fixed length. `provider` is the one that it leads
/// to.
[[nodiscard]] wire::KeyUse fingerprint(const HostContext& context, const Provider& provider,
                                       const CreateHost& command);

} // namespace drukbox::service
