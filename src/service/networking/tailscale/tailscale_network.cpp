#include "service/networking/tailscale/tailscale_network.hpp"

#include "service/networking/tailscale/bootstrap.hpp"
#include "service/networking/tailscale/tailscale_api.hpp"
#include "service/remote/answer.hpp"
#include "service/remote/shared_poller.hpp"

#include <limits>
#include <map>
#include <optional>
#include <utility>

namespace drukbox::service::tailscale {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;
/// The id of a machine by its host name; none while it has not joined.
using Joined = std::map<std::string, std::optional<std::string>>;

class TailscaleNetwork final : public Network
{
public:
    TailscaleNetwork(asio::any_io_executor executor, asio::thread_pool& blocking, TailscaleSettings settings,
                     FindSsh find_ssh)
        : blocking_(blocking)
        , settings_(std::move(settings))
        , find_ssh_(std::move(find_ssh))
        , api_(std::make_shared<TailscaleApi>(executor, settings_))
        , devices_(std::move(executor), settings_.poll_interval, look_with(api_), has_joined,
                   std::numeric_limits<int>::max())
    {
    }

    [[nodiscard]] std::string_view name() const noexcept override { return "tailscale"; }

    [[nodiscard]] std::string_view hint() const noexcept override
    {
        return "check_tailscale_oauth_and_api_reachability";
    }

    [[nodiscard]] std::string address(std::string_view host_name) const override
    {
        return std::string{host_name} + "." + settings_.tailnet;
    }

    [[nodiscard]] asio::awaitable<Admission> admit(std::string host_name) override;
    [[nodiscard]] asio::awaitable<void> withdraw(std::string admission_id) override;
    [[nodiscard]] asio::awaitable<std::string> wait_for_device(std::string host_name) override;
    [[nodiscard]] asio::awaitable<std::string> wait_until_reachable(std::string host_name,
                                                                    std::string host_key) override;
    [[nodiscard]] asio::awaitable<void> release(std::string device_id) override;
    [[nodiscard]] asio::awaitable<Diagnosis> diagnose() override;

private:
    using Devices = SharedPoller<std::string, std::optional<std::string>>;

    static Devices::Look look_with(const std::shared_ptr<TailscaleApi>& api);
    static asio::awaitable<Joined> look(std::shared_ptr<TailscaleApi> api, std::vector<std::string> names,
                                        Clock::time_point deadline);

    static bool has_joined(const std::optional<std::string>& id) { return id.has_value(); }

    asio::thread_pool& blocking_;
    TailscaleSettings settings_;
    FindSsh find_ssh_;
    std::shared_ptr<TailscaleApi> api_;
    Devices devices_;
};

asio::awaitable<Admission> TailscaleNetwork::admit(std::string host_name)
{
    const AuthKey key = co_await api_->create_auth_key(host_name);
    Admission admission;
    admission.script = bootstrap_script(key.secret, host_name);
    admission.id = key.id;
    co_return admission;
}

asio::awaitable<void> TailscaleNetwork::withdraw(std::string admission_id)
{
    co_await api_->delete_auth_key(std::move(admission_id));
}

asio::awaitable<std::string> TailscaleNetwork::wait_for_device(std::string host_name)
{
    const auto seconds = std::to_string(settings_.discovery_timeout.count());
    auto late = "the machine did not join the tailnet within " + seconds + " s";
    const auto deadline = Clock::now() + settings_.discovery_timeout;
    auto found = co_await devices_.wait(std::move(host_name), deadline, std::move(late));
    co_return found.value().value();
}

asio::awaitable<std::string> TailscaleNetwork::wait_until_reachable(std::string host_name,
                                                                    std::string host_key)
{
    const auto until = Clock::now() + settings_.ssh_timeout;
    const auto connect_to = find_ssh_(address(host_name));
    std::vector<std::string> keys;
    std::string problem;
    try {
        if (host_key.empty()) {
            keys = co_await ssh::scan_host_keys(blocking_, connect_to, until);
        } else {
            co_await ssh::wait_for_ssh(blocking_, connect_to, host_key, until);
            keys.push_back(std::move(host_key));
        }
    } catch (const ssh::NotReachable& error) {
        problem = error.what();
    }
    if (keys.empty()) {
        throw ProviderError("on the tailnet: " + problem);
    }
    std::string lines;
    for (const auto& key : keys) {
        lines += ssh::known_hosts_line({address(host_name), 22}, key);
    }
    co_return lines;
}

asio::awaitable<void> TailscaleNetwork::release(std::string device_id)
{
    co_await api_->delete_device(std::move(device_id));
}

asio::awaitable<Diagnosis> TailscaleNetwork::diagnose()
{
    const auto devices = co_await api_->devices();
    Diagnosis result;
    result.ok = true;
    result.detail = "tailnet=" + settings_.tailnet + " devices=" + std::to_string(devices.size());
    co_return result;
}

TailscaleNetwork::Devices::Look TailscaleNetwork::look_with(const std::shared_ptr<TailscaleApi>& api)
{
    return [api](std::vector<std::string> names, Clock::time_point deadline) {
        return look(api, std::move(names), deadline);
    };
}

asio::awaitable<Joined> TailscaleNetwork::look(std::shared_ptr<TailscaleApi> api,
                                               std::vector<std::string> names, Clock::time_point deadline)
{
    Joined joined;
    for (auto& name : names) {
        joined.emplace(std::move(name), std::nullopt);
    }
    const auto devices = co_await api->devices(deadline);
    for (const auto& device : devices) {
        const auto wanted = joined.find(device.hostname);
        if (wanted == joined.end()) {
            continue;
        }
        if (device.node_id.empty()) {
            throw MalformedAnswer("tailscale", "answered something unexpected: the nodeId of " +
                                                   device.hostname + " is missing");
        }
        wanted->second = device.node_id;
    }
    co_return joined;
}

} // namespace

ssh::Address by_magic_dns(const std::string& name)
{
    return {name, 22};
}

std::unique_ptr<Network> make_tailscale_network(asio::any_io_executor executor, asio::thread_pool& blocking,
                                                TailscaleSettings settings, FindSsh find_ssh)
{
    return std::make_unique<TailscaleNetwork>(std::move(executor), blocking, std::move(settings),
                                              std::move(find_ssh));
}

} // namespace drukbox::service::tailscale
