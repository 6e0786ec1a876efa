#pragma once

#include <drukbox/create_host_request.hpp>
#include <drukbox/create_http_proxy_request.hpp>
#include <drukbox/doctor_report.hpp>
#include <drukbox/export.hpp>
#include <drukbox/http_proxy.hpp>
#include <drukbox/http_proxy_attachment.hpp>
#include <drukbox/lease.hpp>
#include <drukbox/sandbox_api.hpp>
#include <drukbox/sandbox_config.hpp>
#include <drukbox/sandbox_error.hpp>
#include <drukbox/sandbox_host.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace drukbox::inline v0 {

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
    explicit SandboxClient(SandboxConfig config);

    /// The same with every other setting at its default.
    SandboxClient(std::string base_url, std::string token,
                  std::chrono::milliseconds timeout = std::chrono::seconds{300});

    /// A blocking handle on a client that is there already, whose connections and timeout it shares.
    explicit SandboxClient(SandboxAPI api) noexcept;

    /// SandboxConfig::from_env() made a client.
    [[nodiscard]] static SandboxClient from_env(std::string_view prefix = "SANDBOX_");

    /// A handle on the same client whose calls have another timeout. Zero: no limit.
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

    /// See SandboxAPI::renew_host(). The host as it is now may be ignored.
    SandboxHost renew_host(std::string_view host_id, Lease lease = Lease()) const;

    /// See SandboxAPI::delete_host().
    void delete_host(std::string_view host_id) const;

    /// See SandboxAPI::create_http_proxy(). The record may be ignored: it says nothing new.
    HTTPProxy create_http_proxy(const CreateHTTPProxyRequest& request) const;

    /// See SandboxAPI::delete_http_proxy().
    void delete_http_proxy(std::string_view name) const;

    /// See SandboxAPI::attach_http_proxy(). The record may be ignored: it says nothing new.
    HTTPProxyAttachment attach_http_proxy(std::string_view name, std::string_view host_id) const;

    /// See SandboxAPI::detach_http_proxy().
    void detach_http_proxy(std::string_view name, std::string_view host_id) const;

    /// See SandboxAPI::doctor().
    [[nodiscard]] DoctorReport doctor() const;

    /// See SandboxAPI::close().
    void close() noexcept { api_.close(); }

private:
    SandboxAPI api_;
};

} // namespace drukbox::inline v0
