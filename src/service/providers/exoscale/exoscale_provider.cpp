#include "service/providers/exoscale/exoscale_provider.hpp"

#include "service/providers/exoscale/api.hpp"
#include "service/providers/exoscale/instance_spec.hpp"
#include "service/providers/support/cloud_ssh.hpp"
#include "service/providers/support/installation_mark.hpp"
#include "service/providers/support/user_data.hpp"
#include "service/remote/shared_poller.hpp"

#include <algorithm>
#include <utility>

namespace drukbox::service::exoscale {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;
using Poller = SharedPoller<std::string, Instance>;

constexpr Capabilities abilities{
    .instance_type = true, .disk_gb = true, .mints_key = true, .setup_script = true};

bool is_ending(const Instance& instance)
{
    return instance.state == "destroying" || instance.state == "destroyed" || instance.state == "expunging";
}

/// Runs and has its address, or never will.
bool is_settled(const Instance& instance)
{
    return is_ending(instance) || instance.state == "error" ||
           (instance.state == "running" && !instance.public_ip.empty());
}

class ExoscaleProvider final : public Provider
{
public:
    ExoscaleProvider(asio::any_io_executor reactor, asio::thread_pool& blocking, ExoscaleSettings settings)
        : blocking_(blocking)
        , settings_(std::move(settings))
        , api_(reactor, settings_)
        , boots_(
              std::move(reactor), settings_.poll_interval,
              [this](std::vector<std::string> ids, Clock::time_point deadline) {
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
        return {settings_.instance_type, settings_.disk_gb};
    }

    [[nodiscard]] std::string_view hint() const noexcept override
    {
        return "check_exoscale_api_credentials_and_zone";
    }

    [[nodiscard]] asio::awaitable<Vm> create(VmSpec spec) override;
    [[nodiscard]] asio::awaitable<void> wait_until_reachable(const Vm& vm) override;
    [[nodiscard]] asio::awaitable<void> remove(std::string name) override;
    [[nodiscard]] asio::awaitable<void> set_deadline(std::string name,
                                                     std::optional<wire::Timestamp> deadline) override;
    [[nodiscard]] asio::awaitable<std::vector<VmSummary>> list() override;
    [[nodiscard]] asio::awaitable<Diagnosis> diagnose() override;

private:
    [[nodiscard]] InstallationMark mark_of(const Instance& instance) const
    {
        return {instance.installation, settings_.installation};
    }

    /// Those of ours that are not ending.
    [[nodiscard]] asio::awaitable<std::vector<Instance>> ours();
    [[nodiscard]] asio::awaitable<std::map<std::string, Instance>> look(std::vector<std::string> ids,
                                                                        Clock::time_point deadline);

    asio::thread_pool& blocking_;
    ExoscaleSettings settings_;
    Api api_;
    Poller boots_;
};

asio::awaitable<Vm> ExoscaleProvider::create(VmSpec spec)
{
    const auto deadline = Clock::now() + settings_.boot_timeout;
    const Redacted data = user_data(settings_, spec);
    const std::string image = co_await api_.template_id(spec.image, deadline);
    const std::string type =
        co_await api_.type_id(spec.instance_type.value_or(settings_.instance_type), deadline);
    auto for_key = key_body(spec);
    co_await api_.create_key(std::move(for_key), deadline);
    auto for_instance = instance_body(settings_, spec, image, type, data);
    auto secrets = secrets_of(spec);
    const std::string id =
        co_await api_.create_instance(std::move(for_instance), deadline, std::move(secrets));
    const std::string late =
        "exoscale did not run the instance within " + std::to_string(settings_.boot_timeout.count()) + " s";
    const std::optional<Instance> instance = co_await boots_.wait(id, deadline, late);
    if (!instance || instance->state != "running") {
        throw ProviderError("exoscale ended the instance before it ran");
    }
    Vm vm;
    vm.name = spec.name;
    vm.ssh_host = instance->public_ip;
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

asio::awaitable<void> ExoscaleProvider::wait_until_reachable(const Vm& vm)
{
    if (!settings_.scan_host_keys) {
        co_await wait_for_our_key(std::string{provider_name}, blocking_, vm,
                                  Clock::now() + settings_.ready_timeout);
    }
}

asio::awaitable<void> ExoscaleProvider::remove(std::string name)
{
    // The key first: whatever fails after that, no key outlives its instance.
    co_await api_.delete_key(std::string{key_prefix} + name);
    const auto instances = co_await ours();
    for (const auto& instance : instances) {
        if (instance.name == name) {
            co_await api_.delete_instance(instance.id);
        }
    }
}

asio::awaitable<void> ExoscaleProvider::set_deadline(std::string name, std::optional<wire::Timestamp>)
{
    // An instance has no end of its own; but one that is gone has no lease to move.
    const auto instances = co_await ours();
    if (std::ranges::none_of(instances, [&](const Instance& one) { return one.name == name; })) {
        throw VmNotFound(name);
    }
}

asio::awaitable<std::vector<VmSummary>> ExoscaleProvider::list()
{
    const auto instances = co_await ours();
    std::vector<VmSummary> result;
    for (const auto& instance : instances) {
        result.emplace_back(instance.host, true, mark_of(instance).is_ours);
    }
    co_return result;
}

asio::awaitable<Diagnosis> ExoscaleProvider::diagnose()
{
    const auto instances = co_await api_.instances(Clock::now() + std::chrono::seconds{5});
    Diagnosis result;
    result.ok = true;
    result.detail = "zone=" + settings_.zone + " instances=" + std::to_string(instances.size());
    co_return result;
}

asio::awaitable<std::vector<Instance>> ExoscaleProvider::ours()
{
    auto instances = co_await api_.instances(std::nullopt);
    std::erase_if(instances, [&](const Instance& one) {
        return one.owner != settings_.service_label || !mark_of(one).may_be_ours || is_ending(one);
    });
    co_return instances;
}

/// One instance is asked for by itself; several are seen in the list of all.
asio::awaitable<std::map<std::string, Instance>> ExoscaleProvider::look(std::vector<std::string> ids,
                                                                        Clock::time_point deadline)
{
    std::map<std::string, Instance> found;
    if (ids.size() > 1) {
        auto instances = co_await api_.instances(deadline);
        for (auto& instance : instances) {
            auto id = instance.id;
            found.insert_or_assign(std::move(id), std::move(instance));
        }
    }
    // An instance that has just been made may be missing in the list.
    for (const auto& id : ids) {
        if (!found.contains(id)) {
            auto instance = co_await api_.instance(id, deadline);
            if (instance) {
                found.insert_or_assign(id, std::move(*instance));
            }
        }
    }
    co_return found;
}

} // namespace

std::unique_ptr<Provider> make_exoscale_provider(asio::any_io_executor reactor, asio::thread_pool& blocking,
                                                 ExoscaleSettings settings)
{
    return std::make_unique<ExoscaleProvider>(std::move(reactor), blocking, std::move(settings));
}

std::optional<ProviderMaker> configure(const Environment& environment, const ProviderBasics& basics)
{
    auto settings = ExoscaleSettings::load(environment, basics.service_label);
    if (basics.default_provider != provider_name && settings.api_key.empty()) {
        return std::nullopt;
    }
    if (const auto missing = settings.missing(); !missing.empty()) {
        return unconfigured_provider(std::string{provider_name}, abilities, settings.default_image,
                                     "exoscale needs " + missing + ", which is not set");
    }
    return [settings](asio::any_io_executor reactor, asio::thread_pool& blocking,
                      const std::string& installation) {
        auto marking = settings;
        marking.installation = installation;
        return make_exoscale_provider(std::move(reactor), blocking, std::move(marking));
    };
}

} // namespace drukbox::service::exoscale
