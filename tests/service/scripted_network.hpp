#pragma once

#include "scripted_provider.hpp"
#include "service/networking/network.hpp"

#include <memory>
#include <set>
#include <string>
#include <vector>

namespace drukbox::service {

/// A network that exists only in a test. Its steps are those of the cloud, whose on_step hears of them:
/// admit, withdraw, device, inner, release.
class ScriptedNetwork final : public Network
{
public:
    explicit ScriptedNetwork(std::shared_ptr<ScriptedCloud> cloud)
        : cloud_(std::move(cloud))
    {
    }

    std::string_view name() const noexcept override { return "tailscale"; }

    std::string_view hint() const noexcept override { return "check_the_network"; }

    std::string address(std::string_view host) const override { return std::string{host} + ".tail.test"; }

    boost::asio::awaitable<Admission> admit(std::string host) override
    {
        co_await step("admit", host);
        Admission admission;
        admission.script = Redacted{"#!/bin/sh\n# joins " + host + "\n"};
        admission.id = "admission-of-" + host;
        admissions.insert(admission.id);
        co_return admission;
    }

    boost::asio::awaitable<void> withdraw(std::string admission) override
    {
        co_await step("withdraw", admission);
        admissions.erase(admission);
    }

    boost::asio::awaitable<std::string> wait_for_device(std::string host) override
    {
        admissions.erase("admission-of-" + host);
        devices.insert("device-of-" + host);
        co_await step("device", host);
        co_return "device-of-" + host;
    }

    boost::asio::awaitable<std::string> wait_until_reachable(std::string host, std::string host_key) override
    {
        co_await step("inner", host);
        expected_keys.push_back(host_key);
        co_return address(host) + " " + host_key + "\n";
    }

    boost::asio::awaitable<void> release(std::string device) override
    {
        co_await step("release", device);
        released.push_back(device);
        devices.erase(device);
    }

    boost::asio::awaitable<Diagnosis> diagnose() override
    {
        co_await step("diagnose network", "");
        Diagnosis result;
        result.ok = true;
        result.detail = "scripted";
        co_return result;
    }

    std::set<std::string> admissions; ///< By which no machine has joined.
    std::set<std::string> devices;
    std::vector<std::string> released;
    std::vector<std::string> expected_keys;

private:
    boost::asio::awaitable<void> step(std::string name, std::string what)
    {
        if (cloud_->on_step) {
            if (const auto signal = cloud_->on_step(name, what)) {
                co_await signal->wait();
            }
        }
    }

    std::shared_ptr<ScriptedCloud> cloud_;
};

} // namespace drukbox::service
