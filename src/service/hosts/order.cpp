#include "service/hosts/order.hpp"

#include "service/hosts/errors.hpp"

#include <string_view>

namespace drukbox::service {
namespace {

std::string join_names(const std::vector<std::string>& names)
{
    std::string result;
    for (const auto& name : names) {
        result += (result.empty() ? "" : ", ") + name;
    }
    return result;
}

} // namespace

bool CreateHost::takes_any() const
{
    return !image && !template_id && env.empty() && secrets.empty() && !instance_type && !disk_gb;
}

Provider& choose_provider(const ProviderRegistry& providers, const std::string& default_provider,
                          const CreateHost& command)
{
    const auto& name = command.provider ? *command.provider : default_provider;
    if (auto* provider = providers.find(name)) {
        return *provider;
    }
    if (!command.provider) {
        throw UnknownProvider("unknown VM provider: " + name);
    }
    throw UnknownProvider("unknown provider '" + name + "'; available: " + join_names(providers.names()));
}

void check_order(const Provider& provider, const CreateHost& command)
{
    const auto can = provider.capabilities();
    const std::string name{provider.name()};
    const auto refuse_size = [&](std::string_view what) {
        throw SizingUnsupported("provider '" + name + "' does not support a per-request " +
                                std::string{what});
    };
    if (command.instance_type && !can.instance_type) {
        refuse_size("instance_type");
    }
    if (command.disk_gb && !can.disk_gb) {
        refuse_size("disk_gb");
    }
    for (const auto& [variable, value] : command.env) {
        if (can.one_line_env &&
            value.reveal().find_first_of(std::string_view{"\n\r\0", 3}) != std::string::npos) {
            throw EnvUnsupported("provider '" + name +
                                 "' cannot carry the newline or NUL in the value of the variable " +
                                 variable);
        }
    }
    if (!command.secrets.empty()) {
        throw SecretsProxyNotConfigured(name);
    }
    if (command.template_id && !command.image) {
        throw TemplateNotAvailable(command.template_id->str());
    }
}

} // namespace drukbox::service
