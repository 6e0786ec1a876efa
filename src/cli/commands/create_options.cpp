#include "cli/commands/create_options.hpp"

#include "cli/duration.hpp"
#include "cli/failure.hpp"
#include "cli/session.hpp"
#include "cli/terminal.hpp"

#include <CLI/App.hpp>

#include <chrono>
#include <cstdlib>
#include <utility>

namespace drukbox::cli {
namespace {

std::pair<std::string, std::string> variable_of(const std::string& option)
{
    const std::size_t equals = option.find('=');
    std::string name = option.substr(0, equals);
    if (name.empty()) {
        throw Failure(ExitCode::usage, "--env '" + option + "': the variable's name is missing");
    }
    if (equals != std::string::npos) {
        return {std::move(name), option.substr(equals + 1)};
    }
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) {
        throw Failure(ExitCode::usage, "--env " + name + ": no such variable in the environment",
                      "--env KEY=VALUE gives the value itself");
    }
    return {std::move(name), value};
}

} // namespace

void CreateOptions::add_to(CLI::App& command)
{
    command.add_option("--image", image, "Image to start from (default: the provider's)")->type_name("IMAGE");
    command
        .add_option("--env", env,
                    "Variable for the sandbox, repeatable; KEY alone takes the value it has here,\n"
                    "which keeps a secret off the command line")
        ->type_name("KEY[=VALUE]")
        ->allow_extra_args(false);
    command
        .add_option("--ttl", ttl, "How long the sandbox lives: 90s, 15m, 2h, 1d12h (default: the service's)")
        ->type_name("DURATION");
    command.add_option("--provider", provider, "Provider to make it at (default: the service's)")
        ->type_name("NAME");
    command.add_option("--instance-type", instance_type, "Size, in the provider's terms")->type_name("TYPE");
    command.add_option("--disk-gb", disk_gb, "Size of the root disk")->type_name("GB");
}

CreateHostRequest CreateOptions::request() const
{
    CreateHostRequest request;
    if (!image.empty()) {
        request.image(image);
    }
    for (const std::string& option : env) {
        auto [name, value] = variable_of(option);
        request.env(std::move(name), std::move(value));
    }
    if (!ttl.empty()) {
        request.expires(Lease::until(std::chrono::system_clock::now() + parse_duration(ttl)));
    }
    if (!provider.empty()) {
        request.provider(provider);
    }
    if (!instance_type.empty()) {
        request.instance_type(instance_type);
    }
    if (disk_gb) {
        request.disk_gb(*disk_gb);
    }
    return request;
}

SandboxHost create_host(Session& session, const CreateHostRequest& request,
                        std::function<std::string()> label, bool key_is_printed)
{
    SandboxHost host = [&] {
        const Progress progress(std::move(label));
        return session.call([&](const SandboxClient& client) { return client.create_host(request); });
    }();
    try {
        session.keep(host);
    } catch (const Failure& failure) {
        if (!key_is_printed) {
            throw Failure(ExitCode::failure,
                          host.name + " is there, but its key could not be kept: " + failure.what(),
                          "remove it with: drukbox rm " + host.name);
        }
        print_error("the key of " + host.name + " is not kept here: " + failure.what());
    }
    return host;
}

} // namespace drukbox::cli
