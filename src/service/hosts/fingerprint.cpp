#include "service/hosts/fingerprint.hpp"

#include <sodium.h>

#include <array>

namespace drukbox::service {
namespace {

std::string digest(const std::string& text)
{
    constexpr std::size_t size = 32;
    std::array<unsigned char, size> hash{};
    crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(text.data()),
                       text.size(), nullptr, 0);
    std::array<char, 2 * size + 1> hex{};
    sodium_bin2hex(hex.data(), hex.size(), hash.data(), hash.size());
    return hex.data();
}

} // namespace

wire::KeyUse fingerprint(const HostContext& context, const Provider& provider, const CreateHost& command)
{
    wire::AskedHost host;
    host.provider = command.provider;
    host.image = command.image;
    if (command.template_id) {
        host.template_id = command.template_id->str();
    }
    host.instance_type = command.instance_type;
    host.disk_gb = command.disk_gb;
    for (const auto& [name, value] : command.env) {
        host.variables.insert(name);
    }
    host.secrets = command.secrets;
    auto asked = digest(host.text());

    host.provider = provider.name();
    if (host.image) {
        host.template_id.reset();
    } else if (!host.template_id) {
        host.image = provider.default_image();
    }
    const auto sizes = provider.default_sizes();
    if (!host.instance_type) {
        host.instance_type = sizes.instance_type;
    }
    if (!host.disk_gb) {
        host.disk_gb = sizes.disk_gb;
    }
    if (context.network != nullptr) {
        host.network = context.network->name();
    }
    return {std::move(asked), digest(host.text())};
}

} // namespace drukbox::service
