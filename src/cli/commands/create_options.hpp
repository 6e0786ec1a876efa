#pragma once

#include <drukbox/create_host_request.hpp>
#include <drukbox/sandbox_host.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
} // namespace CLI

namespace drukbox::cli {

class Session;

/// The options that say what a sandbox is to be, shared by `create` and `run`.
class CreateOptions
{
public:
    CreateOptions() = default;

    /// Adds them to a command.
    void add_to(CLI::App& command);

    /// Throws Failure (usage) that names the option and what is wrong with it.
    [[nodiscard]] CreateHostRequest request() const;

    std::string image;
    std::vector<std::string> env; ///< `KEY=VALUE`, or `KEY`: the value that it has in our environment.
    std::string ttl;
    std::string provider;
    std::string instance_type;
    std::optional<std::int64_t> disk_gb;
};

/// Creates a host, showing progress on a terminal, and keeps its key. A key that cannot be kept is a Failure,
/// and only a warning when `key_is_printed` anyway.
[[nodiscard]] SandboxHost create_host(Session& session, const CreateHostRequest& request,
                                      std::function<std::string()> label, bool key_is_printed = false);

} // namespace drukbox::cli
