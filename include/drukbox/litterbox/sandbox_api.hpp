#pragma once

#include <drukbox/detail/initiate.hpp>
#include <drukbox/export.hpp>
#include <drukbox/litterbox/behaviour.hpp>
#include <drukbox/litterbox/create_host_request.hpp>
#include <drukbox/litterbox/sandbox_config.hpp>
#include <drukbox/litterbox/sandbox_host.hpp>
#include <drukbox/sandbox_api.hpp>
#include <drukbox/sandbox_error.hpp>

#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace drukbox::inline v0::litterbox {

/// A client of the Litterbox host API, the predecessor of Drukbox's.
///
/// A cheap handle: copies share one pool of connections and one I/O thread. What drukbox::SandboxAPI says of
/// completion, object lifetimes, cancellation and thread safety holds here too.
///
/// Errors are those of `sandbox_error.hpp`, as Behaviour says. There is no SandboxValidationError: a 422 is a
/// SandboxResponseError. A call that ends with its client is a SandboxUnavailableError in either behaviour.
class DRUKBOX_API SandboxAPI
{
public:
    /// Errors: SandboxUsageError for a setting that is missing or out of range.
    explicit SandboxAPI(const SandboxConfig& config);

    /// The same with every other setting at its default.
    SandboxAPI(std::string base_url, std::string token, Behaviour behaviour = Behaviour::blocking);

    /// SandboxConfig::from_env() made a client.
    [[nodiscard]] static SandboxAPI from_env(std::string_view prefix = "SANDBOX_",
                                             Behaviour behaviour = Behaviour::blocking);

    /// A handle on the same client whose calls have another timeout. From 0 to 366 days. Zero: no limit.
    /// Errors: SandboxUsageError for one out of range.
    [[nodiscard]] SandboxAPI with_timeout(std::chrono::milliseconds timeout) const;

    /// The timeout of the calls that are made through this handle.
    [[nodiscard]] std::chrono::milliseconds timeout() const noexcept { return api_.timeout(); }

    /// The service's URL, without a trailing `/`.
    [[nodiscard]] const std::string& base_url() const noexcept { return api_.base_url(); }

    /// Makes a host. It is `active`, or with Behaviour::polling maybe not yet.
    ///
    /// Handler signature: `void(std::exception_ptr, litterbox::SandboxHost)`.
    /// Errors: SandboxProvisioningError when the host could not be made, where the behaviour has it, and the
    /// general ones.
    template <boost::asio::completion_token_for<void(std::exception_ptr, SandboxHost)> CompletionToken =
                  boost::asio::use_awaitable_t<>>
    auto create_host(CreateHostRequest request = CreateHostRequest(),
                     CompletionToken&& token = CompletionToken()) const
    {
        return detail::initiate<SandboxHost>(api_.create_host_operation(request.request_),
                                             std::forward<CompletionToken>(token));
    }

    /// Reads a host.
    ///
    /// Handler signature: `void(std::exception_ptr, litterbox::SandboxHost)`.
    /// Errors: SandboxNotFoundError, and the general ones.
    template <boost::asio::completion_token_for<void(std::exception_ptr, SandboxHost)> CompletionToken =
                  boost::asio::use_awaitable_t<>>
    auto get_host(std::string_view host_id, CompletionToken&& token = CompletionToken()) const
    {
        return detail::initiate<SandboxHost>(api_.get_host_operation("get_host", host_id),
                                             std::forward<CompletionToken>(token));
    }

    /// get_host() by the name that a program looks for which comes back to a host of an earlier process.
    ///
    /// Handler signature: `void(std::exception_ptr, litterbox::SandboxHost)`.
    template <boost::asio::completion_token_for<void(std::exception_ptr, SandboxHost)> CompletionToken =
                  boost::asio::use_awaitable_t<>>
    auto attach(std::string_view host_id, CompletionToken&& token = CompletionToken()) const
    {
        return detail::initiate<SandboxHost>(api_.get_host_operation("attach", host_id),
                                             std::forward<CompletionToken>(token));
    }

    /// Reads every host.
    ///
    /// Handler signature: `void(std::exception_ptr, std::vector<litterbox::SandboxHost>)`.
    template <boost::asio::completion_token_for<void(std::exception_ptr, std::vector<SandboxHost>)>
                  CompletionToken = boost::asio::use_awaitable_t<>>
    auto list_hosts(CompletionToken&& token = CompletionToken()) const
    {
        return detail::initiate<std::vector<SandboxHost>>(api_.list_hosts_operation(),
                                                          std::forward<CompletionToken>(token));
    }

    /// Tears a host down.
    ///
    /// Handler signature: `void(std::exception_ptr)`.
    /// Errors: SandboxNotFoundError; SandboxConflictError for a host that is still being provisioned; and the
    /// general ones.
    template <boost::asio::completion_token_for<void(std::exception_ptr)> CompletionToken =
                  boost::asio::use_awaitable_t<>>
    auto delete_host(std::string_view host_id, CompletionToken&& token = CompletionToken()) const
    {
        return detail::initiate<void>(api_.delete_host_operation(host_id),
                                      std::forward<CompletionToken>(token));
    }

    /// Ends the client, for all its handles: every call under way, and every later one, completes with a
    /// SandboxUnavailableError that is not retryable. May be called again.
    void close() noexcept { api_.close(); }

private:
    friend class SandboxClient;

    explicit SandboxAPI(drukbox::SandboxAPI api) noexcept
        : api_(std::move(api))
    {
    }

    drukbox::SandboxAPI api_;
};

} // namespace drukbox::inline v0::litterbox
