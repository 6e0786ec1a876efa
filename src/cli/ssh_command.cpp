#include "cli/ssh_command.hpp"

#include "cli/failure.hpp"
#include "cli/quote.hpp"
#include "wire/host_name.hpp"

#include <utility>

namespace drukbox::cli {
namespace {

using Setting = std::pair<std::string, std::string>;

/// What the service sends ends up on a command line: it must not be an option, a token or another line there.
const std::string& checked(const std::string& value, std::string_view what, bool (*good)(std::string_view))
{
    if (!good(value)) {
        throw Failure(ExitCode::failure,
                      "the service sent " + std::string(what) + " that ssh cannot be given: '" + value + "'");
    }
    return value;
}

std::vector<Setting> settings(const SshTarget& target)
{
    return {
        {"HostName", target.address},
        {"Port", std::to_string(target.port)},
        {"User", target.user},
        {"IdentityFile", ssh_quote_path(target.identity.native())},
        {"IdentitiesOnly", "yes"},
        {"IdentityAgent", "none"},
        {"PreferredAuthentications", "publickey"},
        {"UserKnownHostsFile", ssh_quote_path(target.known_hosts.native())},
        {"GlobalKnownHostsFile", "/dev/null"},
        {"StrictHostKeyChecking", "yes"},
        {"UpdateHostKeys", "no"},
        {"VerifyHostKeyDNS", "no"},
        {"ForwardAgent", "no"},
        {"ForwardX11", "no"},
        {"PermitLocalCommand", "no"},
        {"ControlPath", "none"},
        {"ConnectTimeout", "15"},
        {"ServerAliveInterval", "15"},
    };
}

/// `-F none` keeps every configuration file out, so that none can weaken what is set here.
void append_options(std::vector<std::string>& arguments, const SshTarget& target)
{
    arguments.insert(arguments.end(), {"-F", "none"});
    for (const auto& [keyword, value] : settings(target)) {
        arguments.emplace_back("-o");
        arguments.push_back(keyword + "=" + value);
    }
}

} // namespace

SshTarget::SshTarget(const SandboxHost& host, std::filesystem::path identity_file,
                     std::filesystem::path known_hosts_file)
    : alias(checked(host.name, "a host name", wire::is_host_name))
    , identity(std::move(identity_file))
    , known_hosts(std::move(known_hosts_file))
{
    if (!host.external_ssh_host.empty()) {
        address = host.external_ssh_host;
        port = host.external_ssh_port;
    } else if (host.internal_ssh_host && !host.internal_ssh_host->empty()) {
        address = *host.internal_ssh_host;
    } else {
        throw Failure(ExitCode::conflict, alias + " has no SSH address (it is " + host.status + ")");
    }
    checked(address, "an address", wire::is_ssh_host);
    user = checked(host.ssh_username, "a user name", wire::is_ssh_username);
}

std::vector<std::string> ssh_arguments(const SshTarget& target, const std::vector<std::string>& command,
                                       bool force_tty)
{
    std::vector<std::string> arguments{"ssh"};
    append_options(arguments, target);
    if (force_tty) {
        arguments.emplace_back("-t");
    }
    arguments.push_back(target.alias);
    if (!command.empty()) {
        arguments.emplace_back("--");
        // ssh joins its words with spaces for the remote shell: quoted here, they arrive as they are.
        arguments.push_back(command.size() == 1 ? command.front() : shell_join(command));
    }
    return arguments;
}

std::vector<std::string> scp_arguments(const SshTarget& target, bool recursive, const std::string& source,
                                       const std::string& destination)
{
    std::vector<std::string> arguments{"scp"};
    append_options(arguments, target);
    if (recursive) {
        arguments.emplace_back("-r");
    }
    arguments.insert(arguments.end(), {"--", source, destination});
    return arguments;
}

std::string ssh_config_alias(const SshTarget& target)
{
    return target.alias.starts_with("sb-") ? target.alias : "drukbox-" + target.alias;
}

std::string ssh_config_block(const SshTarget& target)
{
    std::string block = "Host " + ssh_config_alias(target) + "\n";
    for (const auto& [keyword, value] : settings(target)) {
        block += "    " + keyword + " " + value + "\n";
    }
    return block;
}

} // namespace drukbox::cli
