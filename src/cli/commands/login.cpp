#include "cli/commands/login.hpp"

#include "cli/failure.hpp"
#include "cli/session.hpp"

namespace drukbox::cli {

SshTarget prepare_login(const Session& session, const SandboxHost& host,
                        const std::filesystem::path& identity)
{
    if (host.status == "error") {
        throw Failure(ExitCode::conflict, host.name + " is in error: " + host.last_error,
                      "remove it with: drukbox rm " + host.name);
    }
    std::filesystem::path key = identity;
    if (key.empty()) {
        const auto kept = session.keys().private_key(host.id);
        if (!kept) {
            throw Failure(
                ExitCode::failure, "no private key of " + host.name + " is kept here",
                "the service gives a key out once, to who creates the host; --identity names another file");
        }
        key = *kept;
    } else if (std::error_code error; !std::filesystem::is_regular_file(key, error)) {
        throw Failure(ExitCode::usage, "no private key at " + key.string());
    }
    SshTarget target(host, std::filesystem::absolute(key), session.keys().known_hosts(host.id));
    session.keep(host);
    return target;
}

} // namespace drukbox::cli
