#pragma once

#include <drukbox/sandbox_host.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace drukbox::cli {

/// Where and how to log in to a host.
class SshTarget
{
public:
    SshTarget() = default;

    /// The host's public address or, where it has none, its name on the tailnet. Throws Failure when there is
    /// neither, or when what the service sent could be taken for something else by ssh.
    SshTarget(const SandboxHost& host, std::filesystem::path identity_file,
              std::filesystem::path known_hosts_file);

    std::string alias; ///< The host's name: what stands for the host on ssh's command line.
    std::string address;
    std::uint16_t port = 22;
    std::string user;
    std::filesystem::path identity;
    std::filesystem::path known_hosts;
};

/// `ssh` with everything it needs, and nothing from the user's or the system's configuration, to log in, or
/// to run a command: a single word is a command line for the remote shell, several are the command's own
/// arguments, which reach it unchanged.
[[nodiscard]] std::vector<std::string>
ssh_arguments(const SshTarget& target, const std::vector<std::string>& command = {}, bool force_tty = false);

/// `scp` likewise; a remote path carries the target's alias before its colon.
[[nodiscard]] std::vector<std::string> scp_arguments(const SshTarget& target, bool recursive,
                                                     const std::string& source,
                                                     const std::string& destination);

/// What a host is called in an ssh_config file: its name where that begins as ours do, else `drukbox-` and
/// its name, so that no service takes over a name that means something to ssh already.
[[nodiscard]] std::string ssh_config_alias(const SshTarget& target);

/// A `Host` block for an ssh_config file.
[[nodiscard]] std::string ssh_config_block(const SshTarget& target);

} // namespace drukbox::cli
