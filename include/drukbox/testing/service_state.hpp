#pragma once

#include <drukbox/doctor_report.hpp>
#include <drukbox/export.hpp>
#include <drukbox/sandbox_host.hpp>
#include <drukbox/testing/http_proxy_state.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace drukbox::inline v0::testing {

namespace detail {
class Model;
}

/// What a FakeService knows, and what its genuine answers come from: hosts with their leases and idempotency
/// keys, HTTP proxies, the health of its dependencies. Requests change it as they change the service, with
/// the records and errors of the API: the token is checked, a request is validated, an idempotency key leads
/// to its host, a lease that has run out ends its host, and what is not there is a 404.
///
/// Where it is simpler than the service: a host is `active` as soon as it is asked for (its create can be
/// held or delayed, see Answer), there is no warm pool, and no host can be reached over SSH, unless
/// set_host_template() says where.
///
/// Object lifetimes: a cheap handle on the state of its service, which it keeps alive.
/// Thread safety: everything here may be called from any thread at any time.
class DRUKBOX_API ServiceState
{
public:
    /// Every host, newest first, without its private key, as a list would show it.
    [[nodiscard]] std::vector<SandboxHost> hosts() const;

    /// A host by its id; nothing when there is none.
    [[nodiscard]] std::optional<SandboxHost> find_host(std::string_view host_id) const;

    /// Adds an `active` host with the default lease, as a create without options does.
    SandboxHost add_host();

    /// Adds a host as it is given, or replaces the one of its id: to have one in `error`, or one whose lease
    /// is about to end.
    ///
    /// Errors: std::invalid_argument for an id that is no UUID, or an `expires_at` that is no timestamp.
    void put_host(const SandboxHost& host);

    /// Takes a host away, and its idempotency key: what a janitor does, or a colleague. Nothing happens when
    /// there is none.
    void remove_host(std::string_view host_id);

    /// What hosts made from now on look like: the SSH coordinates, the private key that a create hands out,
    /// and the image where none is asked for are taken from it; id, name, times, lease and the rest are not.
    void set_host_template(SandboxHost host);

    /// The proxies, by name.
    [[nodiscard]] std::vector<HTTPProxyState> http_proxies() const;

    /// What `doctor` answers from now on. Default: `db` and `provider`, both well.
    void set_doctor_report(DoctorReport report);

    /// The next create that would make a host fails as provisioning does: a 502 with this text, a host in
    /// `error` with it as its `last_error`, and the idempotency key not bound. Several of them count one
    /// after the other.
    void fail_next_create(std::string last_error = "ProviderError: the provider refused");

    /// The next delete of a host that is there fails with a 503, and the host stays. Several count one after
    /// the other.
    void fail_next_delete();

    /// Accepts this token only, from now on: a rotation, or, for the client, a token that was revoked. Empty:
    /// any.
    void set_token(std::string token);

    /// Moves the service's clock forward, so that leases and idempotency keys end without a wait.
    /// Precondition: not negative.
    void advance_clock(std::chrono::seconds by);

private:
    friend class FakeService;

    explicit ServiceState(std::shared_ptr<detail::Model> model) noexcept;

    std::shared_ptr<detail::Model> model_;
};

} // namespace drukbox::inline v0::testing
