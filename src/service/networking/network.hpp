#pragma once

#include "service/base/diagnosis.hpp"
#include "service/base/provider_error.hpp"
#include "service/base/redacted.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>
#include <string_view>

namespace drukbox::service {

/// What lets one machine onto a network, once.
class Admission
{
public:
    Admission() = default;

    Redacted script; ///< By which the machine joins, see VmSpec::setup_script.
    std::string id;  ///< By which it is withdrawn; empty where it cannot be.
};

/// A private network that every machine joins by itself, whoever provides it. Knows neither the store nor the
/// routes nor any provider. Everything runs on the service's reactor thread. Every failure leaves as a
/// ProviderError, in words safe to show a caller.
class Network
{
public:
    Network() = default;
    Network(const Network&) = delete;
    Network& operator=(const Network&) = delete;
    virtual ~Network() = default;

    [[nodiscard]] virtual std::string_view name() const noexcept = 0;

    /// The hint that /doctor gives when diagnose() fails.
    [[nodiscard]] virtual std::string_view hint() const noexcept = 0;

    /// The name under which the machine of a host is reached on the network.
    [[nodiscard]] virtual std::string address(std::string_view host_name) const = 0;

    [[nodiscard]] virtual boost::asio::awaitable<Admission> admit(std::string host_name) = 0;

    /// Takes back what no machine has joined by. Success when it is used up or gone.
    [[nodiscard]] virtual boost::asio::awaitable<void> withdraw(std::string admission_id) = 0;

    /// Waits until the machine has joined; returns the id by which it is released.
    [[nodiscard]] virtual boost::asio::awaitable<std::string> wait_for_device(std::string host_name) = 0;

    /// Waits until SSH answers on the network; returns known_hosts lines for the address there. `host_key` is
    /// what the machine must show; empty: whatever it shows is trusted.
    [[nodiscard]] virtual boost::asio::awaitable<std::string> wait_until_reachable(std::string host_name,
                                                                                   std::string host_key) = 0;

    /// Takes a machine off the network. Success when it is not there.
    [[nodiscard]] virtual boost::asio::awaitable<void> release(std::string device_id) = 0;

    [[nodiscard]] virtual boost::asio::awaitable<Diagnosis> diagnose() = 0;
};

} // namespace drukbox::service
