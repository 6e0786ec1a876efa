#pragma once

#include <string>

namespace drukbox::cli {

/// What the command line says about the service to talk to.
class ConnectionOptions
{
public:
    ConnectionOptions() = default;

    std::string url;
    std::string token_file;
    bool allow_plain_http = false;
};

/// A service to talk to.
class Connection
{
public:
    Connection() = default;

    std::string url;
    std::string token;
    bool allow_plain_http = false; ///< The token may go to another machine over plain HTTP.
    std::string token_source;      ///< Where the token came from, for a message about one that is refused.
    /// What tells this service from others when keys are kept: the URL, or for the service of this user on
    /// this machine, whose port may change, its state directory.
    std::string identity;
    bool local = false; ///< The service of this user on this machine.
};

/// The service meant: the one of the options, else of SANDBOX_SERVICE_URL and SANDBOX_SERVICE_TOKEN, else the
/// one that this user runs on this machine. Throws Failure when there is none.
[[nodiscard]] Connection find_connection(const ConnectionOptions& options);

} // namespace drukbox::cli
