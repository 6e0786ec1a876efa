#pragma once

#include "service/base/redacted.hpp"
#include "service/providers/registry.hpp"
#include "service/records/host.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace drukbox::service {

/// What a host is to be.
struct HostOrder
{
    HostOrder() = default;

    std::optional<std::string> image;
    std::map<std::string, Redacted> env;
    LeaseIntent lease;
    std::optional<std::string> instance_type;
    std::optional<std::int64_t> disk_gb;
};

/// Tells whether the caller of a create has hung up.
using CallerGone = std::function<bool()>;

/// A create as a caller asks for it.
struct CreateHost : HostOrder
{
    CreateHost() = default;

    std::optional<std::string> provider;
    std::optional<wire::Uuid> template_id; ///< Beside an image it counts for nothing.
    std::set<std::string> secrets;         ///< Their names.
    std::optional<std::string> idempotency_key;
    std::string account{admin_account}; ///< Who asks.
    CallerGone caller_gone;

    /// Nothing in particular is asked for: any host of the provider will do.
    [[nodiscard]] bool takes_any() const;
};

/// What a create hands out: the host, and the private key where the provider mints one.
struct CreatedHost
{
    CreatedHost() = default;

    CreatedHost(Host created, std::optional<Redacted> key)
        : host(std::move(created))
        , private_key(std::move(key))
    {
    }

    Host host;
    std::optional<Redacted> private_key;
};

/// The provider that is to make it. Throws UnknownProvider.
[[nodiscard]] Provider& choose_provider(const ProviderRegistry& providers,
                                        const std::string& default_provider, const CreateHost& command);

/// Throws what the caller is told where the provider cannot make such a host.
void check_order(const Provider& provider, const CreateHost& command);

} // namespace drukbox::service
