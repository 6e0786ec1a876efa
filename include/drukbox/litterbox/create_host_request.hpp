#pragma once

#include <drukbox/create_host_request.hpp>
#include <drukbox/lease.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace drukbox::inline v0::litterbox {

/// What a new host is to be, as far as a Litterbox service lets one choose. Everything is optional. The
/// setters return the request, so that they chain, on a temporary as well as on a named one.
///
/// Thread safety: a value; distinct objects may be used from distinct threads.
class CreateHostRequest
{
public:
    /// A variable's name and its value.
    using Variable = drukbox::CreateHostRequest::Variable;

    /// Everything left to the service.
    CreateHostRequest() = default;

    /// The image to boot. Default: the provider's. Not blank.
    CreateHostRequest& image(std::string image) &
    {
        request_.image(std::move(image));
        return *this;
    }

    /// The same, on a temporary.
    CreateHostRequest&& image(std::string image) && { return std::move(this->image(std::move(image))); }

    /// Sets a variable of the environment inside the host, in addition to those set before; a second value
    /// for a name replaces the first. The name matches `[A-Za-z_][A-Za-z0-9_]*`.
    CreateHostRequest& env(std::string name, std::string value) &
    {
        request_.env(std::move(name), std::move(value));
        return *this;
    }

    /// The same, on a temporary.
    CreateHostRequest&& env(std::string name, std::string value) &&
    {
        return std::move(this->env(std::move(name), std::move(value)));
    }

    /// When the host's lease ends: in the future; cut to microseconds. Default: the service's default lease.
    template <class Duration>
    CreateHostRequest& expires_at(std::chrono::sys_time<Duration> end) &
    {
        request_.expires(Lease::until(end));
        return *this;
    }

    /// The same, on a temporary.
    template <class Duration>
    CreateHostRequest&& expires_at(std::chrono::sys_time<Duration> end) &&
    {
        return std::move(this->expires_at(end));
    }

    /// Makes a create safe to repeat: the same key gives the same host. 1 to 255 characters of
    /// `A-Za-z0-9_-:.`. Default: none, and every create makes a host.
    CreateHostRequest& idempotency_key(std::string key) &
    {
        request_.idempotency_key(std::move(key));
        return *this;
    }

    /// The same, on a temporary.
    CreateHostRequest&& idempotency_key(std::string key) &&
    {
        return std::move(this->idempotency_key(std::move(key)));
    }

    /// The image that was set.
    [[nodiscard]] const std::optional<std::string>& image() const noexcept { return request_.image(); }

    /// The variables, in the order in which they were set.
    [[nodiscard]] const std::vector<Variable>& env() const noexcept { return request_.env(); }

    /// The end that was set.
    [[nodiscard]] std::optional<Lease::TimePoint> expires_at() const noexcept
    {
        return request_.lease().end();
    }

    /// The idempotency key that was set.
    [[nodiscard]] const std::optional<std::string>& idempotency_key() const noexcept
    {
        return request_.idempotency_key();
    }

private:
    friend class SandboxAPI;
    friend class SandboxClient;

    drukbox::CreateHostRequest request_;
};

} // namespace drukbox::inline v0::litterbox
