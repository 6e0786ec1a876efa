#pragma once

#include <drukbox/create_host_request.hpp>
#include <drukbox/create_http_proxy_request.hpp>
#include <drukbox/detail/initiate.hpp>
#include <drukbox/doctor_report.hpp>
#include <drukbox/export.hpp>
#include <drukbox/http_proxy.hpp>
#include <drukbox/http_proxy_attachment.hpp>
#include <drukbox/lease.hpp>
#include <drukbox/sandbox_config.hpp>
#include <drukbox/sandbox_error.hpp>
#include <drukbox/sandbox_host.hpp>

#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <concepts>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace drukbox::inline v0 {

namespace litterbox {
class SandboxAPI;
class SandboxClient;
} // namespace litterbox

/// A client of the Drukbox host API.
///
/// A cheap handle: copies share one pool of connections and one I/O thread. It is bound to no event loop;
/// construct one per process and use it everywhere.
///
/// What holds for every operation, beside what is said there under the same headings:
///
/// - Preconditions: none but those that an operation names; the handle has not been moved from.
/// - Completion: any token of Asio for the handler signature that the operation names; by default
///   `boost::asio::use_awaitable`. The handler is posted to its associated executor (the system executor
///   where it has none), on which work is held until then; it never runs inside the initiating function nor
///   on the I/O thread. Its associated allocator is used.
/// - Object lifetimes: arguments are copied before the function returns. A call does not keep the client
///   alive: when the last handle goes, or close() is called, every call under way completes with a
///   SandboxUnavailableError that is not retryable. When the execution context of a handler is destroyed
///   before that, the handler is destroyed with it, uncalled, and the call is cancelled.
/// - Cancellation: `terminal`, `partial` and `total` close the call's connection; it completes promptly with
///   `boost::asio::error::operation_aborted`. The service is not told: a host whose create was cancelled may
///   exist, and an idempotency key finds it again.
/// - Errors: those of `sandbox_error.hpp`. Nothing is retried and no redirect is followed.
/// - Thread safety: everything here may be called from any thread at any time, the destructor and assignment
///   of one and the same handle excepted.
class DRUKBOX_API SandboxAPI
{
public:
    /// Errors: SandboxUsageError for a setting that is missing or out of range.
    explicit SandboxAPI(SandboxConfig config);

    /// The same with every other setting at its default.
    SandboxAPI(std::string base_url, std::string token,
               std::chrono::milliseconds timeout = std::chrono::seconds{300});

    /// SandboxConfig::from_env() made a client.
    [[nodiscard]] static SandboxAPI from_env(std::string_view prefix = "SANDBOX_");

    /// Another handle on the same client.
    SandboxAPI(const SandboxAPI&) noexcept;

    /// Takes the handle over. Of the other one only the destructor and assignment may be called afterwards.
    SandboxAPI(SandboxAPI&&) noexcept;

    /// Lets go of its client, as the destructor does, and becomes another handle on the other's.
    SandboxAPI& operator=(const SandboxAPI&) noexcept;

    /// Lets go of its client, as the destructor does, and takes the other handle over.
    SandboxAPI& operator=(SandboxAPI&&) noexcept;

    /// That of the last handle is a close(); it waits for the I/O thread, which is never busy for long.
    ~SandboxAPI();

    /// A handle on the same client whose calls have another timeout:
    ///
    ///     co_await sandbox.with_timeout(10s).delete_host(host.id);
    ///
    /// From 0 to 366 days. Zero: no limit. Errors: SandboxUsageError for one out of range.
    [[nodiscard]] SandboxAPI with_timeout(std::chrono::milliseconds timeout) const;

    /// The timeout of the calls that are made through this handle.
    [[nodiscard]] std::chrono::milliseconds timeout() const noexcept { return timeout_; }

    /// The service's URL, without a trailing `/`.
    [[nodiscard]] const std::string& base_url() const noexcept;

    /// Makes a host, and completes when it is `active`: typically after 10 to 30 seconds at a cloud
    /// provider, a few minutes at worst.
    ///
    /// - Handler signature: `void(std::exception_ptr, SandboxHost)`.
    /// - Errors: SandboxProvisioningError when the host could not be made, SandboxValidationError for a
    ///   request that breaks a rule, and the general ones.
    /// - Executor, object lifetimes, cancellation, thread safety: see SandboxAPI.
    template <boost::asio::completion_token_for<void(std::exception_ptr, SandboxHost)> CompletionToken =
                  boost::asio::use_awaitable_t<>>
    auto create_host(CreateHostRequest request = CreateHostRequest(),
                     CompletionToken&& token = CompletionToken()) const
    {
        return detail::initiate<SandboxHost>(create_host_operation(request),
                                             std::forward<CompletionToken>(token));
    }

    /// Reads a host.
    ///
    /// - Preconditions: the id is not empty; otherwise a SandboxUsageError.
    /// - Handler signature: `void(std::exception_ptr, SandboxHost)`.
    /// - Errors: SandboxNotFoundError, and the general ones.
    /// - Executor, object lifetimes, cancellation, thread safety: see SandboxAPI.
    template <boost::asio::completion_token_for<void(std::exception_ptr, SandboxHost)> CompletionToken =
                  boost::asio::use_awaitable_t<>>
    auto get_host(std::string_view host_id, CompletionToken&& token = CompletionToken()) const
    {
        return detail::initiate<SandboxHost>(get_host_operation("get_host", host_id),
                                             std::forward<CompletionToken>(token));
    }

    /// get_host() by the name that a program looks for which comes back to a host of an earlier process.
    ///
    /// - Preconditions, handler signature, errors: those of get_host().
    /// - Executor, object lifetimes, cancellation, thread safety: see SandboxAPI.
    template <boost::asio::completion_token_for<void(std::exception_ptr, SandboxHost)> CompletionToken =
                  boost::asio::use_awaitable_t<>>
    auto attach(std::string_view host_id, CompletionToken&& token = CompletionToken()) const
    {
        return detail::initiate<SandboxHost>(get_host_operation("attach", host_id),
                                             std::forward<CompletionToken>(token));
    }

    /// Reads every host, newest first.
    ///
    /// - Handler signature: `void(std::exception_ptr, std::vector<SandboxHost>)`.
    /// - Errors: the general ones.
    /// - Executor, object lifetimes, cancellation, thread safety: see SandboxAPI.
    template <boost::asio::completion_token_for<void(std::exception_ptr, std::vector<SandboxHost>)>
                  CompletionToken = boost::asio::use_awaitable_t<>>
    auto list_hosts(CompletionToken&& token = CompletionToken()) const
    {
        return detail::initiate<std::vector<SandboxHost>>(list_hosts_operation(),
                                                          std::forward<CompletionToken>(token));
    }

    /// Gives a host a new lease, which may be shorter than the old one. Only Lease::permanent() cannot be had
    /// this way: it is a SandboxUsageError.
    ///
    /// - Preconditions: the id is not empty; otherwise a SandboxUsageError.
    /// - Handler signature: `void(std::exception_ptr, SandboxHost)`.
    /// - Errors: SandboxNotFoundError; SandboxConflictError for a host that is neither `bootstrapping` nor
    ///   `active`; SandboxValidationError for an end in the past; and the general ones.
    /// - Executor, object lifetimes, cancellation, thread safety: see SandboxAPI.
    template <boost::asio::completion_token_for<void(std::exception_ptr, SandboxHost)> CompletionToken =
                  boost::asio::use_awaitable_t<>>
    auto renew_host(std::string_view host_id, Lease lease, CompletionToken&& token = CompletionToken()) const
    {
        return detail::initiate<SandboxHost>(renew_host_operation(host_id, lease),
                                             std::forward<CompletionToken>(token));
    }

    /// The same with the service's default lease, counted from now.
    ///
    /// - Preconditions, handler signature, errors: those of the other renew_host().
    /// - Executor, object lifetimes, cancellation, thread safety: see SandboxAPI.
    template <typename CompletionToken = boost::asio::use_awaitable_t<>>
        requires(!std::same_as<std::remove_cvref_t<CompletionToken>, Lease>) &&
                boost::asio::completion_token_for<CompletionToken, void(std::exception_ptr, SandboxHost)>
    auto renew_host(std::string_view host_id, CompletionToken&& token = CompletionToken()) const
    {
        return renew_host(host_id, Lease(), std::forward<CompletionToken>(token));
    }

    /// Tears a host down.
    ///
    /// - Preconditions: the id is not empty; otherwise a SandboxUsageError.
    /// - Handler signature: `void(std::exception_ptr)`.
    /// - Errors: SandboxNotFoundError; SandboxConflictError for a host that is still being provisioned;
    ///   SandboxUnavailableError when the teardown did not finish, and is to be asked for again; and the
    ///   general ones.
    /// - Executor, object lifetimes, cancellation, thread safety: see SandboxAPI.
    template <boost::asio::completion_token_for<void(std::exception_ptr)> CompletionToken =
                  boost::asio::use_awaitable_t<>>
    auto delete_host(std::string_view host_id, CompletionToken&& token = CompletionToken()) const
    {
        return detail::initiate<void>(delete_host_operation(host_id), std::forward<CompletionToken>(token));
    }

    /// Makes an HTTP proxy at the service's default provider. It belongs to the account there: it outlives
    /// the hosts that it is attached to.
    ///
    /// - Handler signature: `void(std::exception_ptr, HTTPProxy)`.
    /// - Errors: SandboxConflictError when there is one of that name, which after an attempt that was cut off
    ///   may be that attempt's; SandboxValidationError for a request that breaks a rule; SandboxResponseError
    ///   with status 501 where the provider has no proxies; and the general ones.
    /// - Executor, object lifetimes, cancellation, thread safety: see SandboxAPI.
    template <boost::asio::completion_token_for<void(std::exception_ptr, HTTPProxy)> CompletionToken =
                  boost::asio::use_awaitable_t<>>
    auto create_http_proxy(CreateHTTPProxyRequest request, CompletionToken&& token = CompletionToken()) const
    {
        return detail::initiate<HTTPProxy>(create_http_proxy_operation(request),
                                           std::forward<CompletionToken>(token));
    }

    /// Removes an HTTP proxy.
    ///
    /// - Preconditions: the name is not empty; otherwise a SandboxUsageError.
    /// - Handler signature: `void(std::exception_ptr)`.
    /// - Errors: SandboxNotFoundError, SandboxResponseError with status 501 where the provider has no
    ///   proxies, and the general ones.
    /// - Executor, object lifetimes, cancellation, thread safety: see SandboxAPI.
    template <boost::asio::completion_token_for<void(std::exception_ptr)> CompletionToken =
                  boost::asio::use_awaitable_t<>>
    auto delete_http_proxy(std::string_view name, CompletionToken&& token = CompletionToken()) const
    {
        return detail::initiate<void>(delete_http_proxy_operation(name),
                                      std::forward<CompletionToken>(token));
    }

    /// Lets a host reach an HTTP proxy of its provider.
    ///
    /// - Preconditions: neither the name nor the id is empty; otherwise a SandboxUsageError.
    /// - Handler signature: `void(std::exception_ptr, HTTPProxyAttachment)`.
    /// - Errors: SandboxNotFoundError for an unknown host or proxy; SandboxConflictError for a host that is
    ///   neither `bootstrapping` nor `active`; SandboxResponseError with status 501 where the provider has no
    ///   proxies; and the general ones.
    /// - Executor, object lifetimes, cancellation, thread safety: see SandboxAPI.
    template <boost::asio::completion_token_for<void(std::exception_ptr, HTTPProxyAttachment)>
                  CompletionToken = boost::asio::use_awaitable_t<>>
    auto attach_http_proxy(std::string_view name, std::string_view host_id,
                           CompletionToken&& token = CompletionToken()) const
    {
        return detail::initiate<HTTPProxyAttachment>(attach_http_proxy_operation(name, host_id),
                                                     std::forward<CompletionToken>(token));
    }

    /// Takes an HTTP proxy from a host again.
    ///
    /// - Preconditions: neither the name nor the id is empty; otherwise a SandboxUsageError.
    /// - Handler signature: `void(std::exception_ptr)`.
    /// - Errors: those of attach_http_proxy().
    /// - Executor, object lifetimes, cancellation, thread safety: see SandboxAPI.
    template <boost::asio::completion_token_for<void(std::exception_ptr)> CompletionToken =
                  boost::asio::use_awaitable_t<>>
    auto detach_http_proxy(std::string_view name, std::string_view host_id,
                           CompletionToken&& token = CompletionToken()) const
    {
        return detail::initiate<void>(detach_http_proxy_operation(name, host_id),
                                      std::forward<CompletionToken>(token));
    }

    /// Asks the service to probe what it depends on.
    ///
    /// - Handler signature: `void(std::exception_ptr, DoctorReport)`.
    /// - Errors: the general ones.
    /// - Executor, object lifetimes, cancellation, thread safety: see SandboxAPI.
    template <boost::asio::completion_token_for<void(std::exception_ptr, DoctorReport)> CompletionToken =
                  boost::asio::use_awaitable_t<>>
    auto doctor(CompletionToken&& token = CompletionToken()) const
    {
        return detail::initiate<DoctorReport>(doctor_operation(), std::forward<CompletionToken>(token));
    }

    /// Ends the client, for all its handles: every call under way, and every later one, completes with a
    /// SandboxUnavailableError that is not retryable. May be called again.
    void close() noexcept;

private:
    friend class SandboxClient;
    friend class litterbox::SandboxAPI;
    friend class litterbox::SandboxClient;

    explicit SandboxAPI(std::shared_ptr<detail::Core> core) noexcept;

    [[nodiscard]] detail::Operation create_host_operation(const CreateHostRequest& request) const;
    [[nodiscard]] detail::Operation get_host_operation(std::string_view name, std::string_view host_id) const;
    [[nodiscard]] detail::Operation list_hosts_operation() const;
    [[nodiscard]] detail::Operation renew_host_operation(std::string_view host_id, Lease lease) const;
    [[nodiscard]] detail::Operation delete_host_operation(std::string_view host_id) const;
    [[nodiscard]] detail::Operation create_http_proxy_operation(const CreateHTTPProxyRequest& request) const;
    [[nodiscard]] detail::Operation delete_http_proxy_operation(std::string_view name) const;
    [[nodiscard]] detail::Operation attach_http_proxy_operation(std::string_view name,
                                                                std::string_view host_id) const;
    [[nodiscard]] detail::Operation detach_http_proxy_operation(std::string_view name,
                                                                std::string_view host_id) const;
    [[nodiscard]] detail::Operation doctor_operation() const;

    std::shared_ptr<detail::Core> core_;
    std::chrono::milliseconds timeout_;
};

} // namespace drukbox::inline v0
