#pragma once

#include <drukbox/export.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace drukbox::inline v0 {

/// Where the service is and how to talk to it. Checked when a client is made from it: what is out of range is
/// a SandboxUsageError that names the member.
///
/// Thread safety: a value; distinct objects may be used from distinct threads.
class SandboxConfig
{
public:
    SandboxConfig() = default;

    SandboxConfig(std::string service_url, std::string service_token)
        : base_url(std::move(service_url))
        , token(std::move(service_token))
    {
    }

    /// Reads `{prefix}SERVICE_URL` and `{prefix}SERVICE_TOKEN`, which must be set, and
    /// `{prefix}SERVICE_TIMEOUT` (seconds, a fraction allowed), which may be.
    ///
    /// Errors: SandboxUsageError, naming the variable that is missing, empty or malformed.
    /// Thread safety: as std::getenv.
    [[nodiscard]] DRUKBOX_API static SandboxConfig from_env(std::string_view prefix = "SANDBOX_");

    /// The service's `http://` or `https://` URL, a path included where it lives under one; no credentials,
    /// query or fragment. A trailing `/` is dropped. Required.
    std::string base_url;

    /// The bearer token. Required.
    std::string token;

    /// From the start of a call to the last byte of its answer, waiting for a connection included. Zero: no
    /// limit. The default covers the slowest create; a tighter one that fires while the service still
    /// provisions leaves a host that nobody knows of until its lease ends.
    std::chrono::milliseconds timeout = std::chrono::seconds{300};

    /// Of that, at most this long to connect. Zero: no limit of its own.
    std::chrono::milliseconds connect_timeout = std::chrono::seconds{30};

    /// Connections open at once, at least 1. Two of them, or all but one where there are fewer than three,
    /// are kept free of creates, so that brief calls do not wait behind them.
    std::size_t max_connections = 20;

    /// Of those, kept open while idle. At most max_connections.
    std::size_t max_idle_connections = 5;

    /// A PEM file with the certificate authorities to trust, and a directory of such files. Empty: the
    /// system's.
    std::string ca_file;
    std::string ca_directory;

    /// PEM files of the certificate and its key to show the service. Empty: none.
    std::string client_certificate;
    std::string client_key;

    /// Trust any certificate. For experiments: whoever sits in between reads the token.
    bool insecure_skip_tls_verification = false;

    /// The URL of a proxy. Empty: `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` of the environment, as curl
    /// reads them.
    std::string proxy;

    /// Connect to this Unix socket whatever host base_url names. Empty: TCP.
    std::string unix_socket;

    /// The User-Agent header. Empty: `drukbox/` and the version.
    std::string user_agent;
};

} // namespace drukbox::inline v0
