#include "service/providers/sim/sim_provider.hpp"

#include "service/providers/sim/sim_cloud.hpp"
#include "service/providers/sim/sim_proxies.hpp"
#include "service/runtime/blocking.hpp"
#include "service/ssh/readiness.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <random>
#include <utility>

namespace drukbox::service::sim {
namespace {

namespace asio = boost::asio;

class SimProvider final : public Provider
{
public:
    SimProvider(asio::any_io_executor reactor, asio::thread_pool& blocking, SimSettings settings)
        : reactor_(std::move(reactor))
        , blocking_(blocking)
        , settings_(std::move(settings))
        , cloud_(std::make_shared<SimCloud>(settings_.directory, settings_.label, settings_.installation))
        , proxies_(blocking, cloud_, settings_.directory)
        , random_(settings_.seed)
    {
    }

    [[nodiscard]] std::string_view name() const noexcept override { return "sim"; }

    [[nodiscard]] Capabilities capabilities() const noexcept override
    {
        return {.instance_type = true,
                .disk_gb = true,
                .mints_key = settings_.mints_key,
                .replaces_key = settings_.replaces_key,
                .inventory_lag = std::chrono::ceil<std::chrono::seconds>(settings_.visibility_time) +
                                 std::chrono::seconds{1}};
    }

    [[nodiscard]] std::string default_image() const override { return "sim-image"; }

    [[nodiscard]] std::string_view hint() const noexcept override { return "check_sim_directory"; }

    [[nodiscard]] asio::awaitable<Vm> create(VmSpec spec) override;
    [[nodiscard]] asio::awaitable<void> wait_until_reachable(const Vm& vm) override;
    [[nodiscard]] asio::awaitable<void> remove(std::string name) override;
    [[nodiscard]] asio::awaitable<void> set_deadline(std::string name,
                                                     std::optional<wire::Timestamp> deadline) override;
    [[nodiscard]] asio::awaitable<void> replace_key(std::string name, std::string authorized_key) override;
    [[nodiscard]] asio::awaitable<std::vector<VmSummary>> list() override;
    [[nodiscard]] asio::awaitable<Diagnosis> diagnose() override;

    [[nodiscard]] HttpProxyCapability* http_proxies() noexcept override { return &proxies_; }

private:
    asio::awaitable<void> pass(std::chrono::milliseconds time);
    [[nodiscard]] bool happens(double rate);
    [[nodiscard]] std::chrono::microseconds up_to(std::chrono::microseconds most);

    asio::any_io_executor reactor_;
    asio::thread_pool& blocking_;
    SimSettings settings_;
    std::shared_ptr<const SimCloud> cloud_;
    SimProxies proxies_;
    std::mt19937_64 random_;
};

asio::awaitable<void> SimProvider::pass(std::chrono::milliseconds time)
{
    if (time.count() == 0) {
        co_return;
    }
    std::uniform_real_distribution<double> factor{1 - settings_.jitter, 1 + settings_.jitter};
    const std::chrono::duration<double, std::milli> takes = time * factor(random_);
    asio::steady_timer timer{reactor_, std::chrono::duration_cast<std::chrono::microseconds>(takes)};
    co_await timer.async_wait(asio::use_awaitable);
}

bool SimProvider::happens(double rate)
{
    return std::bernoulli_distribution{rate}(random_);
}

std::chrono::microseconds SimProvider::up_to(std::chrono::microseconds most)
{
    return std::chrono::microseconds{std::uniform_int_distribution<std::int64_t>{0, most.count()}(random_)};
}

asio::awaitable<Vm> SimProvider::create(VmSpec spec)
{
    // Drawn before anything is waited for: what happens to a call depends on the order of the calls alone.
    const bool refused = happens(settings_.create_failures);
    const bool lost = happens(settings_.lost_answers);
    const auto invisible_for = up_to(settings_.visibility_time);
    co_await pass(settings_.create_time);
    if (refused) {
        throw ProviderError("the simulated cloud refuses to make a machine");
    }
    auto add = [cloud = cloud_, &spec, invisible_for] { cloud->add(spec, invisible_for); };
    co_await run_blocking(blocking_, std::move(add));
    if (lost) {
        throw ProviderError("the answer of the simulated cloud was lost");
    }
    Vm vm;
    vm.name = spec.name;
    // Reserved for documentation: nobody is there.
    vm.ssh_host = "192.0.2." + std::to_string(1 + std::hash<std::string>{}(spec.name) % 254);
    vm.ssh_username = "sandbox";
    vm.host_key = spec.host_public_key;
    vm.known_hosts = ssh::known_hosts_line({vm.ssh_host, vm.ssh_port}, vm.host_key);
    co_return vm;
}

asio::awaitable<void> SimProvider::wait_until_reachable(const Vm& vm)
{
    const bool fails = happens(settings_.boot_failures);
    const std::string name = vm.name;
    co_await pass(settings_.boot_time);
    if (fails) {
        throw ProviderError("SSH does not answer on the simulated machine " + name);
    }
}

asio::awaitable<void> SimProvider::remove(std::string name)
{
    const bool refused = happens(settings_.remove_failures);
    const bool lost = happens(settings_.lost_answers);
    co_await pass(settings_.remove_time);
    if (refused) {
        throw ProviderError("the simulated cloud refuses to remove a machine");
    }
    auto end = [cloud = cloud_, name] { cloud->remove(name); };
    co_await run_blocking(blocking_, std::move(end));
    if (lost) {
        throw ProviderError("the answer of the simulated cloud was lost");
    }
}

asio::awaitable<void> SimProvider::set_deadline(std::string, std::optional<wire::Timestamp>)
{
    // As most clouds, this one ends no machine by itself.
    co_return;
}

asio::awaitable<void> SimProvider::replace_key(std::string name, std::string authorized_key)
{
    const bool lost = happens(settings_.lost_answers);
    auto replace = [cloud = cloud_, name, authorized_key] { cloud->replace_key(name, authorized_key); };
    co_await run_blocking(blocking_, std::move(replace));
    if (lost) {
        throw ProviderError("the answer of the simulated cloud was lost");
    }
}

asio::awaitable<std::vector<VmSummary>> SimProvider::list()
{
    const bool fails = happens(settings_.list_failures);
    co_await pass(settings_.list_time);
    if (fails) {
        throw ProviderError("the simulated cloud does not list its machines");
    }
    auto list = [cloud = cloud_] { return cloud->list(); };
    co_return co_await run_blocking(blocking_, std::move(list));
}

asio::awaitable<Diagnosis> SimProvider::diagnose()
{
    auto list = [cloud = cloud_] { return cloud->list(); };
    const auto machines = co_await run_blocking(blocking_, std::move(list));
    Diagnosis result;
    result.ok = true;
    result.detail = "sim machines=" + std::to_string(machines.size());
    co_return result;
}

} // namespace

std::unique_ptr<Provider> make_sim_provider(asio::any_io_executor reactor, asio::thread_pool& blocking,
                                            SimSettings settings)
{
    return std::make_unique<SimProvider>(std::move(reactor), blocking, std::move(settings));
}

std::optional<ProviderMaker> configure(const Environment& environment, const ProviderBasics& basics)
{
    auto settings = SimSettings::load(environment, basics.state_dir, basics.service_label);
    if (!settings.enabled) {
        return std::nullopt;
    }
    return [settings](asio::any_io_executor reactor, asio::thread_pool& blocking,
                      const std::string& installation) {
        auto marking = settings;
        marking.installation = installation;
        return make_sim_provider(std::move(reactor), blocking, std::move(marking));
    };
}

} // namespace drukbox::service::sim
