#include "cli/session.hpp"

#include "cli/failure.hpp"
#include "cli/host_reference.hpp"
#include "cli/paths.hpp"
#include "wire/uuid.hpp"

#include <drukbox/sandbox_error.hpp>

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace drukbox::cli {
namespace {

SandboxClient make_client(const Connection& connection, std::optional<std::chrono::milliseconds> timeout)
{
    constexpr std::string_view unix_prefix = "unix:";
    SandboxConfig config(connection.url, connection.token);
    if (connection.url.starts_with(unix_prefix)) {
        config.base_url = "http://localhost";
        config.unix_socket = connection.url.substr(unix_prefix.size());
    }
    // The way to a service on this machine leads through no proxy, whatever the environment says of others.
    if (connection.local) {
        ::setenv("no_proxy", "*", 1);
    }
    config.allow_plain_http = connection.allow_plain_http;
    if (timeout) {
        config.timeout = *timeout;
    }
    try {
        return SandboxClient(std::move(config));
    } catch (const SandboxUsageError& e) {
        const std::string_view problem = e.what();
        throw Failure(ExitCode::usage, "cannot talk to " + connection.url + ": " + std::string(problem),
                      problem.find("allow_plain_http") == problem.npos
                          ? ""
                          : "--allow-plain-http or DRUKBOX_ALLOW_PLAIN_HTTP=1 is what sets it here");
    }
}

} // namespace

Session::Session(const ConnectionOptions& options, std::optional<std::chrono::milliseconds> timeout)
    : options_(options)
    , timeout_(timeout)
    , connection_(find_connection(options_))
    , client_(make_client(connection_, timeout_))
    , keys_(key_directory())
{
}

/// A service on this machine may have ended since the last call, hours ago, or be somewhere else by now.
void Session::follow_service()
{
    if (!connection_.local) {
        return;
    }
    Connection now = find_connection(options_);
    if (now.url == connection_.url && now.token == connection_.token) {
        return;
    }
    client_ = make_client(now, timeout_);
    connection_ = std::move(now);
}

std::vector<SandboxHost> Session::list()
{
    // In this order: a host is known to the service before its key is kept, so a key that was there before
    // the service was asked, and whose host it does not know, belongs to a host that is gone.
    const std::vector<std::string> kept = keys_.hosts_of(connection_.identity);
    std::vector<SandboxHost> hosts = call([](const SandboxClient& client) { return client.list_hosts(); });
    for (const std::string& id : kept) {
        const bool known =
            std::any_of(hosts.begin(), hosts.end(), [&](const SandboxHost& host) { return host.id == id; });
        note(id, known);
    }
    return hosts;
}

void Session::note(const std::string& host_id, bool known) const
{
    try {
        if (known) {
            keys_.found(host_id);
        } else {
            keys_.missed(host_id, wire::now());
        }
    } catch (const Failure&) {
        // Nobody asked for it: the next call tries again.
    }
}

SandboxHost Session::find(std::string_view reference)
{
    if (const auto id = wire::Uuid::parse(reference)) {
        return call([&](const SandboxClient& client) { return client.get_host(id->str()); });
    }
    return find_host(list(), reference);
}

void Session::remove(const std::string& host_id)
{
    call([&](const SandboxClient& client) { client.delete_host(host_id); });
    keys_.remove(host_id);
}

void Session::rethrow_as_failure(const std::exception_ptr& error) const
{
    try {
        std::rethrow_exception(error);
    } catch (const SandboxUnavailableError& e) {
        if (e.status() != 0) {
            throw Failure(ExitCode::unavailable, "the service could not do it now: " + std::string(e.what()),
                          "it can be tried again");
        }
        throw Failure(ExitCode::unavailable, "no answer from " + connection_.url + ": " + e.what(),
                      connection_.local ? "is the service running? start it with: drukbox serve --dev"
                                        : "check the URL, and that the service is up");
    } catch (const SandboxAuthError& e) {
        throw Failure(ExitCode::auth, connection_.url + " refused the token: " + e.what(),
                      "the token is the one of " + connection_.token_source);
    } catch (const SandboxNotFoundError& e) {
        throw Failure(ExitCode::not_found, e.what(), "drukbox ls shows what there is");
    } catch (const SandboxConflictError& e) {
        throw Failure(ExitCode::conflict, e.what());
    } catch (const SandboxValidationError& e) {
        throw Failure(ExitCode::usage, "the service refused the request: " + std::string(e.what()));
    } catch (const SandboxProvisioningError& e) {
        throw Failure(ExitCode::provisioning, "the sandbox could not be made: " + std::string(e.what()),
                      "drukbox doctor checks what the service depends on");
    } catch (const SandboxAPIError& e) {
        throw Failure(ExitCode::failure, "the service answered: " + std::string(e.what()));
    } catch (const SandboxUsageError& e) {
        throw Failure(ExitCode::usage, e.what());
    }
}

} // namespace drukbox::cli
