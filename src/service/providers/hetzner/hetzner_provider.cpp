#include "service/providers/hetzner/hetzner_provider.hpp"

#include "service/providers/hetzner/api.hpp"
#include "service/providers/hetzner/names.hpp"
#include "service/providers/hetzner/server_spec.hpp"
#include "service/providers/support/cloud_ssh.hpp"
#include "service/providers/support/installation_mark.hpp"
#include "service/providers/support/user_data.hpp"
#include "service/remote/shared_poller.hpp"

#include <algorithm>
#include <utility>

namespace drukbox::service::hetzner {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;
using Poller = SharedPoller<std::int64_t, Server>;

constexpr Capabilities abilities{.instance_type = true, .mints_key = true, .setup_script = true};

bool is_ending(const Server& server)
{
    return server.status == "deleting";
}

/// Runs and has its address, or never will.
bool is_settled(const Server& server)
{
    return is_ending(server) || (server.status == "running" && !server.ipv4.empty());
}

class HetznerProvider final : public Provider
{
public:
    HetznerProvider(asio::any_io_executor reactor, asio::thread_pool& blocking, HetznerSettings settings)
        : blocking_(blocking)
        , settings_(std::move(settings))
        , api_(reactor, settings_)
        , boots_(
              std::move(reactor), settings_.poll_interval,
              [this](std::vector<std::int64_t> ids, Clock::time_point deadline) {
                  return look(std::move(ids), deadline);
              },
              is_settled)
    {
    }

    [[nodiscard]] std::string_view name() const noexcept override { return provider_name; }

    [[nodiscard]] Capabilities capabilities() const noexcept override { return abilities; }

    [[nodiscard]] std::string default_image() const override { return settings_.default_image; }

    [[nodiscard]] MachineSizes default_sizes() const override
    {
        return {settings_.server_type, std::nullopt};
    }

    [[nodiscard]] std::string_view hint() const noexcept override
    {
        return "check_hetzner_api_token_and_location";
    }

    [[nodiscard]] asio::awaitable<Vm> create(VmSpec spec) override;
    [[nodiscard]] asio::awaitable<void> wait_until_reachable(const Vm& vm) override;
    [[nodiscard]] asio::awaitable<void> remove(std::string name) override;
    [[nodiscard]] asio::awaitable<void> set_deadline(std::string name,
                                                     std::optional<wire::Timestamp> deadline) override;
    [[nodiscard]] asio::awaitable<std::vector<VmSummary>> list() override;
    [[nodiscard]] asio::awaitable<Diagnosis> diagnose() override;

private:
    [[nodiscard]] asio::awaitable<std::map<std::int64_t, Server>> look(std::vector<std::int64_t> ids,
                                                                       Clock::time_point deadline);

    asio::thread_pool& blocking_;
    HetznerSettings settings_;
    Api api_;
    Poller boots_;
};

asio::awaitable<Vm> HetznerProvider::create(VmSpec spec)
{
    const auto deadline = Clock::now() + settings_.boot_timeout;
    const Redacted data = user_data(settings_, spec);
    auto for_key = key_body(settings_, spec);
    const SshKey key = co_await api_.create_key(std::move(for_key), deadline);
    auto for_server = server_body(settings_, spec, key.id, data);
    auto secrets = secrets_of(spec);
    const Server made = co_await api_.create_server(std::move(for_server), deadline, std::move(secrets));
    const std::string late =
        "hetzner did not run the server within " + std::to_string(settings_.boot_timeout.count()) + " s";
    const std::optional<Server> server = co_await boots_.wait(made.id, deadline, late);
    if (!server || is_ending(*server)) {
        throw ProviderError("hetzner ended the server before it ran");
    }
    Vm vm;
    vm.name = spec.name;
    vm.ssh_host = server->ipv4;
    vm.ssh_username = settings_.ssh_username;
    const ssh::Address address{vm.ssh_host, vm.ssh_port};
    if (settings_.scan_host_keys) {
        vm.known_hosts = co_await scan_known_hosts(std::string{provider_name}, blocking_, address,
                                                   Clock::now() + settings_.ready_timeout);
    } else {
        vm.host_key = spec.host_public_key;
        vm.known_hosts = ssh::known_hosts_line(address, vm.host_key);
    }
    co_return vm;
}

asio::awaitable<void> HetznerProvider::wait_until_reachable(const Vm& vm)
{
    if (!settings_.scan_host_keys) {
        co_await wait_for_our_key(std::string{provider_name}, blocking_, vm,
                                  Clock::now() + settings_.ready_timeout);
    }
}

asio::awaitable<void> HetznerProvider::remove(std::string name)
{
    // The key first: whatever fails after that, no key outlives its server.
    const auto keys = co_await api_.keys_named(std::string{key_prefix} + name);
    for (const auto& key : keys) {
        co_await api_.delete_key(key.id);
    }
    const auto servers = co_await api_.servers_named(std::move(name));
    for (const auto& server : servers) {
        if (!is_ending(server)) {
            co_await api_.delete_server(server.id);
        }
    }
}

asio::awaitable<void> HetznerProvider::set_deadline(std::string name, std::optional<wire::Timestamp>)
{
    // A server has no end of its own; but one that is gone has no lease to move.
    const auto servers = co_await api_.servers_named(name);
    if (std::ranges::all_of(servers, is_ending)) {
        throw VmNotFound(name);
    }
}

asio::awaitable<std::vector<VmSummary>> HetznerProvider::list()
{
    const auto servers = co_await api_.servers(std::nullopt);
    std::vector<VmSummary> result;
    for (const auto& server : servers) {
        if (!is_ending(server)) {
            const InstallationMark mark{server.installation, settings_.installation};
            result.emplace_back(server.host, true, mark.is_ours);
        }
    }
    co_return result;
}

asio::awaitable<Diagnosis> HetznerProvider::diagnose()
{
    const auto count = co_await api_.count_servers(Clock::now() + std::chrono::seconds{5});
    Diagnosis result;
    result.ok = true;
    result.detail = "location=" + settings_.location + " servers=" + std::to_string(count);
    co_return result;
}

/// One server is asked for by itself; several are seen on one page of what is ours.
asio::awaitable<std::map<std::int64_t, Server>> HetznerProvider::look(std::vector<std::int64_t> ids,
                                                                      Clock::time_point deadline)
{
    std::map<std::int64_t, Server> found;
    if (ids.size() > 1) {
        auto servers = co_await api_.servers(deadline);
        for (auto& server : servers) {
            found.insert_or_assign(server.id, std::move(server));
        }
    }
    // A server that has just been made may be missing in the list.
    for (const auto id : ids) {
        if (!found.contains(id)) {
            auto server = co_await api_.server(id, deadline);
            if (server) {
                found.insert_or_assign(id, std::move(*server));
            }
        }
    }
    co_return found;
}

} // namespace

std::unique_ptr<Provider> make_hetzner_provider(asio::any_io_executor reactor, asio::thread_pool& blocking,
                                                HetznerSettings settings)
{
    return std::make_unique<HetznerProvider>(std::move(reactor), blocking, std::move(settings));
}

std::optional<ProviderMaker> configure(const Environment& environment, const ProviderBasics& basics)
{
    auto settings = HetznerSettings::load(environment, basics.service_label);
    if (basics.default_provider != provider_name && settings.api_token.empty()) {
        return std::nullopt;
    }
    if (const auto missing = settings.missing(); !missing.empty()) {
        return unconfigured_provider(std::string{provider_name}, abilities, settings.default_image,
                                     "hetzner needs " + missing + ", which is not set");
    }
    return [settings](asio::any_io_executor reactor, asio::thread_pool& blocking,
                      const std::string& installation) {
        auto marking = settings;
        marking.installation = installation;
        return make_hetzner_provider(std::move(reactor), blocking, std::move(marking));
    };
}

} // namespace drukbox::service::hetzner
