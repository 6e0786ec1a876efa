#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace drukbox::inline v0::testing {

/// What kind of service a FakeService is.
///
/// Thread safety: a value; distinct objects may be used from distinct threads.
class FakeServiceOptions
{
public:
    /// The defaults below.
    FakeServiceOptions() = default;

    /// The token that it accepts. Default: `test-token`. Empty: any.
    std::string token = "test-token";

    /// The names of its providers, of which the first is the default one. Default: `fake`. At least one.
    std::vector<std::string> providers{"fake"};

    /// Whether its providers take an `instance_type` and a `disk_gb`. Default: yes.
    bool supports_sizing = true;

    /// Whether its providers have HTTP proxies. Default: yes.
    bool supports_http_proxies = true;

    /// How long the default lease is. Default: a day.
    std::chrono::seconds default_lease = std::chrono::hours{24};

    /// How long an idempotency key is good for. Default: a day.
    std::chrono::seconds idempotency_key_ttl = std::chrono::hours{24};
};

} // namespace drukbox::inline v0::testing
