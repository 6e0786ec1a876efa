#pragma once

#include <drukbox/export.hpp>
#include <drukbox/litterbox/behaviour.hpp>
#include <drukbox/litterbox/create_host_request.hpp>
#include <drukbox/litterbox/sandbox_api.hpp>
#include <drukbox/litterbox/sandbox_config.hpp>
#include <drukbox/litterbox/sandbox_host.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace drukbox::inline v0::litterbox {

/// SandboxAPI for programs without an event loop: the same operations, each of which blocks the calling
/// thread until it is done, and throws the errors of `sandbox_error.hpp`.
///
/// A cheap handle, like SandboxAPI, and one may be made from the other: they share the connections.
///
/// Thread safety: everything here may be called from any thread at any time, the destructor and assignment of
/// one and the same handle excepted. close() from another thread ends a call that blocks.
class DRUKBOX_API SandboxClient
{
public:
    /// Errors: SandboxUsageError for a setting that is missing or out of range.
    explicit SandboxClient(const SandboxConfig& config);

    /// The same with every other setting at its default.
    SandboxClient(std::string base_url, std::string token, Behaviour behaviour = Behaviour::blocking);

    /// A blocking handle on the same client.
    explicit SandboxClient(SandboxAPI api) noexcept
        : api_(std::move(api))
    {
    }

    /// SandboxConfig::from_env() made a client.
    [[nodiscard]] static SandboxClient from_env(std::string_view prefix = "SANDBOX_",
                                                Behaviour behaviour = Behaviour::blocking);

    /// See SandboxAPI::with_timeout().
    [[nodiscard]] SandboxClient with_timeout(std::chrono::milliseconds timeout) const;

    /// The timeout of the calls that are made through this handle.
    [[nodiscard]] std::chrono::milliseconds timeout() const noexcept { return api_.timeout(); }

    /// The service's URL, without a trailing `/`.
    [[nodiscard]] const std::string& base_url() const noexcept { return api_.base_url(); }

    /// See SandboxAPI::create_host().
    SandboxHost create_host(const CreateHostRequest& request = CreateHostRequest()) const;

    /// See SandboxAPI::get_host().
    [[nodiscard]] SandboxHost get_host(std::string_view host_id) const;

    /// See SandboxAPI::attach().
    [[nodiscard]] SandboxHost attach(std::string_view host_id) const;

    /// See SandboxAPI::list_hosts().
    [[nodiscard]] std::vector<SandboxHost> list_hosts() const;

    /// See SandboxAPI::delete_host().
    void delete_host(std::string_view host_id) const;

    /// See SandboxAPI::close().
    void close() noexcept { api_.close(); }

private:
    SandboxAPI api_;
};

} // namespace drukbox::inline v0::litterbox
