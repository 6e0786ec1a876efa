#pragma once

#include "service/providers/provider.hpp"
#include "service/runtime/signal.hpp"

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace drukbox::service {

/// The machines of a provider that exists only in a test, and what it was asked. Outlives the service that
/// uses it, as a cloud does.
class ScriptedCloud
{
public:
    ScriptedCloud() = default;

    /// Called at each step with the step's name and the machine's; may throw, or return a signal to wait for.
    std::function<std::shared_ptr<Signal>(const std::string& step, const std::string& vm)> on_step;

    std::set<std::string> machines;
    std::set<std::string> unmarked; ///< Those that carry no installation's mark.
    std::map<std::string, std::optional<wire::Timestamp>> deadlines;
    std::map<std::string, std::string> keys; ///< Those put on a machine later.
    std::vector<VmSpec> asked;
    std::vector<std::string> removed;
    std::string default_image = "default-image";
    MachineSizes default_sizes;
    bool has_outer_path = true;
    bool has_proxies = true;
    std::map<std::string, HttpProxySpec> proxies;
    std::set<std::pair<std::string, std::string>> attachments; ///< Of a proxy to a machine.
    Capabilities capabilities{.instance_type = false,
                              .disk_gb = false,
                              .mints_key = true,
                              .replaces_key = false,
                              .exclusive_inventory = true,
                              .inventory_lag = std::chrono::seconds{0}};
};

class ScriptedProvider : public Provider, private HttpProxyCapability
{
public:
    explicit ScriptedProvider(std::shared_ptr<ScriptedCloud> cloud, std::string name = "scripted")
        : cloud_(std::move(cloud))
        , name_(std::move(name))
    {
    }

    std::string_view name() const noexcept override { return name_; }

    Capabilities capabilities() const noexcept override { return cloud_->capabilities; }

    std::string default_image() const override { return cloud_->default_image; }

    MachineSizes default_sizes() const override { return cloud_->default_sizes; }

    std::string_view hint() const noexcept override { return "check_the_script"; }

    boost::asio::awaitable<Vm> create(VmSpec spec) override
    {
        cloud_->asked.push_back(spec);
        co_await step("create", spec.name);
        cloud_->machines.insert(spec.name);
        cloud_->deadlines[spec.name] = spec.deadline;
        co_await step("created", spec.name);
        Vm vm;
        vm.name = spec.name;
        vm.ssh_username = "sandbox";
        vm.host_key = spec.host_public_key;
        if (cloud_->has_outer_path) {
            vm.ssh_host = "192.0.2.7";
            vm.ssh_port = 2222;
            vm.known_hosts = "[192.0.2.7]:2222 " + vm.host_key + "\n";
        }
        co_return vm;
    }

    boost::asio::awaitable<void> wait_until_reachable(const Vm& vm) override
    {
        const std::string name = vm.name;
        co_await step("reachable", name);
    }

    boost::asio::awaitable<void> remove(std::string vm) override
    {
        co_await step("remove", vm);
        cloud_->removed.push_back(vm);
        cloud_->machines.erase(vm);
    }

    boost::asio::awaitable<void> set_deadline(std::string vm,
                                              std::optional<wire::Timestamp> deadline) override
    {
        co_await step("deadline", vm);
        if (!cloud_->machines.contains(vm)) {
            throw VmNotFound(vm);
        }
        cloud_->deadlines[vm] = deadline;
    }

    boost::asio::awaitable<void> replace_key(std::string vm, std::string authorized_key) override
    {
        co_await step("replace_key", vm);
        cloud_->keys[vm] = authorized_key;
    }

    boost::asio::awaitable<std::vector<VmSummary>> list() override
    {
        co_await step("list", "");
        std::vector<VmSummary> result;
        for (const auto& machine : cloud_->machines) {
            result.emplace_back(machine, true, !cloud_->unmarked.contains(machine));
        }
        co_return result;
    }

    boost::asio::awaitable<Diagnosis> diagnose() override
    {
        co_await step("diagnose", "");
        Diagnosis result;
        result.ok = true;
        result.detail = "scripted";
        co_return result;
    }

    HttpProxyCapability* http_proxies() noexcept override { return cloud_->has_proxies ? this : nullptr; }

private:
    boost::asio::awaitable<void> create_proxy(HttpProxySpec spec) override
    {
        co_await step("create_proxy", spec.name);
        std::string name = spec.name;
        if (!cloud_->proxies.try_emplace(name, std::move(spec)).second) {
            throw HttpProxyExists(name);
        }
    }

    boost::asio::awaitable<void> remove_proxy(std::string name) override
    {
        co_await step("remove_proxy", name);
        if (cloud_->proxies.erase(name) == 0) {
            throw HttpProxyNotFound(name);
        }
    }

    boost::asio::awaitable<void> attach_proxy(std::string name, std::string vm) override
    {
        co_await step("attach_proxy", vm);
        check_attachment(name, vm);
        cloud_->attachments.emplace(name, vm);
    }

    boost::asio::awaitable<void> detach_proxy(std::string name, std::string vm) override
    {
        co_await step("detach_proxy", vm);
        check_attachment(name, vm);
        cloud_->attachments.erase({name, vm});
    }

    void check_attachment(const std::string& name, const std::string& vm) const
    {
        if (!cloud_->proxies.contains(name)) {
            throw HttpProxyNotFound(name);
        }
        if (!cloud_->machines.contains(vm)) {
            throw VmNotFound(vm);
        }
    }

    boost::asio::awaitable<void> step(std::string name, std::string vm)
    {
        if (cloud_->on_step) {
            if (const auto signal = cloud_->on_step(name, vm)) {
                co_await signal->wait();
            }
        }
    }

    std::shared_ptr<ScriptedCloud> cloud_;
    std::string name_;
};

} // namespace drukbox::service
