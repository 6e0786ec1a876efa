#pragma once

#include <drukbox/lease.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace drukbox::inline v0 {

/// What a new host is to be. Everything is optional: what is not set is left to the service. The setters
/// return the request, so that they chain, on a temporary as well as on a named one:
///
///     auto request = drukbox::CreateHostRequest{}.image("debian").env("FOO", "bar");
///     request.idempotency_key("agent-run-42");
///
/// Thread safety: a value; distinct objects may be used from distinct threads.
class CreateHostRequest
{
public:
    /// A variable's name and its value.
    using Variable = std::pair<std::string, std::string>;

    /// Everything left to the service.
    CreateHostRequest() = default;

    /// The image to boot. Default: the provider's. Not blank.
    CreateHostRequest& image(std::string image) &
    {
        image_ = std::move(image);
        return *this;
    }

    /// The same, on a temporary.
    CreateHostRequest&& image(std::string image) && { return std::move(this->image(std::move(image))); }

    /// Sets a variable of the environment inside the host, in addition to those set before; a second value
    /// for a name replaces the first. The name matches `[A-Za-z_][A-Za-z0-9_]*`.
    CreateHostRequest& env(std::string name, std::string value) &
    {
        const auto existing = std::ranges::find(env_, name, &Variable::first);
        if (existing != env_.end()) {
            existing->second = std::move(value);
        } else {
            env_.emplace_back(std::move(name), std::move(value));
        }
        return *this;
    }

    /// The same, on a temporary.
    CreateHostRequest&& env(std::string name, std::string value) &&
    {
        return std::move(this->env(std::move(name), std::move(value)));
    }

    /// When the host's lease ends. Default: the service's default lease.
    CreateHostRequest& expires(Lease lease) &
    {
        lease_ = lease;
        return *this;
    }

    /// The same, on a temporary.
    CreateHostRequest&& expires(Lease lease) && { return std::move(this->expires(lease)); }

    /// Makes a create safe to repeat: the same key gives the same host. 1 to 255 characters of
    /// `A-Za-z0-9_-:.`. Default: none, and every create makes a host. A service may refuse a key that was
    /// used for another provider, image or size, or with other names of variables.
    CreateHostRequest& idempotency_key(std::string key) &
    {
        idempotency_key_ = std::move(key);
        return *this;
    }

    /// The same, on a temporary.
    CreateHostRequest&& idempotency_key(std::string key) &&
    {
        return std::move(this->idempotency_key(std::move(key)));
    }

    /// Which of the service's providers is to make the host. Default: the service's default provider.
    CreateHostRequest& provider(std::string provider) &
    {
        provider_ = std::move(provider);
        return *this;
    }

    /// The same, on a temporary.
    CreateHostRequest&& provider(std::string provider) &&
    {
        return std::move(this->provider(std::move(provider)));
    }

    /// The size, in the provider's own terms. Default: the provider's. Not every provider supports it.
    CreateHostRequest& instance_type(std::string instance_type) &
    {
        instance_type_ = std::move(instance_type);
        return *this;
    }

    /// The same, on a temporary.
    CreateHostRequest&& instance_type(std::string instance_type) &&
    {
        return std::move(this->instance_type(std::move(instance_type)));
    }

    /// The root disk in GB, at least 1. Default: the provider's. Not every provider supports it.
    CreateHostRequest& disk_gb(std::int64_t disk_gb) &
    {
        disk_gb_ = disk_gb;
        return *this;
    }

    /// The same, on a temporary.
    CreateHostRequest&& disk_gb(std::int64_t disk_gb) && { return std::move(this->disk_gb(disk_gb)); }

    /// The image that was set.
    [[nodiscard]] const std::optional<std::string>& image() const noexcept { return image_; }

    /// The variables, in the order in which they were set.
    [[nodiscard]] const std::vector<Variable>& env() const noexcept { return env_; }

    /// The lease that was set; the service's default otherwise.
    [[nodiscard]] const Lease& lease() const noexcept { return lease_; }

    /// The idempotency key that was set.
    [[nodiscard]] const std::optional<std::string>& idempotency_key() const noexcept
    {
        return idempotency_key_;
    }

    /// The provider that was set.
    [[nodiscard]] const std::optional<std::string>& provider() const noexcept { return provider_; }

    /// The size that was set.
    [[nodiscard]] const std::optional<std::string>& instance_type() const noexcept { return instance_type_; }

    /// The root disk that was set.
    [[nodiscard]] const std::optional<std::int64_t>& disk_gb() const noexcept { return disk_gb_; }

private:
    std::optional<std::string> image_;
    std::vector<Variable> env_;
    Lease lease_;
    std::optional<std::string> idempotency_key_;
    std::optional<std::string> provider_;
    std::optional<std::string> instance_type_;
    std::optional<std::int64_t> disk_gb_;
};

} // namespace drukbox::inline v0
