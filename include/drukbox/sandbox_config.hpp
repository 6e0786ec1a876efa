#pragma once

#include <drukbox/export.hpp>
#include <drukbox/log_entry.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
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
    /// The defaults below; base_url and token are still to be set.
    SandboxConfig() = default;

    /// The defaults below for this service.
    SandboxConfig(std::string service_url, std::string service_token)
        : base_url(std::move(service_url))
        , token(std::move(service_token))
    {
    }

    /// Reads `{prefix}SERVICE_URL` and `{prefix}SERVICE_TOKEN`, which must be set, and
    /// `{prefix}SERVICE_TIMEOUT` (seconds, a fraction allowed), which may be. `DRUKBOX_ALLOW_PLAIN_HTTP`,
    /// under any prefix by this name, may be `1`: allow_plain_http.
    ///
    /// Errors: SandboxUsageError, naming the variable that is missing, empty or malformed.
    /// Thread safety: as std::getenv.
    [[nodiscard]] DRUKBOX_API static SandboxConfig from_env(std::string_view prefix = "SANDBOX_");

    /// The service's `http://` or `https://` URL, a path included where it lives under one; no credentials,
    /// query or fragment. A trailing `/` is dropped. `http://` only to this machine (`localhost`, a loopback
    /// address, a Unix socket), unless allow_plain_http says otherwise. Required.
    std::string base_url;

    /// The bearer token. Required.
    std::string token;

    /// From 0 to 366 days. From the start of a call to the last byte of its answer, waiting for a connection
    /// included. Zero: no limit. The default covers the slowest create; a tighter one that fires while the
    /// service still provisions leaves a host that nobody knows of until its lease ends.
    std::chrono::milliseconds timeout = std::chrono::seconds{300};

    /// Of that, at most this long to connect, names and TLS included. From 0 to 366 days. Zero: curl's
    /// own limit, 300 s.
    std::chrono::milliseconds connect_timeout = std::chrono::seconds{30};

    /// Connections open at once, at least 1. Two of them, or all but one where there are fewer than three,
    /// are kept free of creates, so that brief calls do not wait behind them.
    std::size_t max_connections = 20;

    /// Of those, kept open while idle; what is more is closed after a second. At most max_connections. Zero:
    /// none.
    std::size_t max_idle_connections = 5;

    /// A PEM file with the certificate authorities to trust. It must be there and readable. Empty: the
    /// system's.
    std::string ca_file;

    /// A directory of such files, named as OpenSSL looks for them (`openssl rehash`). It must be there and
    /// readable. Empty: the system's.
    std::string ca_directory;

    /// A PEM file with the certificate to show the service, and its chain. It must be there and readable.
    /// Empty: none.
    std::string client_certificate;

    /// A PEM file with the certificate's key. It must be there and readable, and needs a certificate. Empty:
    /// the key is in the certificate's file.
    std::string client_key;

    /// Trust any certificate. For experiments: whoever sits in between reads the token.
    bool insecure_skip_tls_verification = false;

    /// Send the token unencrypted to a service on another machine, or through a proxy that is on one: whoever
    /// sits in between reads it. For networks that are protected otherwise. Without it such a base_url is
    /// refused, as is an `http://` one with a proxy on another machine, and a proxy of the environment that
    /// is on one is not used for an `http://` base_url. An `https://` base_url may go through any proxy.
    bool allow_plain_http = false;

    /// The `http://`, `https://`, `socks4://`, `socks4a://`, `socks5://` or `socks5h://` URL of a proxy; a
    /// user and password in it are the proxy's. Empty: `HTTPS_PROXY`, `http_proxy`, `ALL_PROXY` and
    /// `NO_PROXY` of the environment, as curl reads them at the time of each call.
    std::string proxy;

    /// Connect to this Unix socket whatever host base_url names, and through no proxy. At most 107 bytes.
    /// Empty: TCP.
    std::string unix_socket;

    /// The User-Agent header, printable ASCII. Empty: `drukbox/` and the version.
    std::string user_agent;

    /// Told of every request that was made, once, when it has ended, in whatever way. Empty: nobody.
    ///
    /// It runs where the call's handler will, right before that one: on the handler's executor, on the
    /// calling thread of a SandboxClient, never on the I/O thread. So it may run on several threads at once,
    /// and may use the client. A handler that is destroyed uncalled takes its entry with it. A call that
    /// fails before there is a request, such as one with an empty host id, makes no entry.
    ///
    /// It should not throw: what it throws is dropped, and the call goes on.
    ///
    /// The client keeps a copy, and so does every call under way until its handler has been called: what the
    /// hook refers to must live as long. A hook that owns its own client keeps it for ever.
    std::function<void(const LogEntry&)> log;

protected:
    /// What from_env() does, to this object; without the variable the timeout stays as it is.
    DRUKBOX_API void read_env(std::string_view prefix);
};

} // namespace drukbox::inline v0
