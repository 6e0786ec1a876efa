#pragma once

#include "service/networking/network.hpp"
#include "service/providers/registry.hpp"
#include "service/store/database.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace drukbox::service {

/// The outcome of one probe.
class DoctorCheckResult
{
public:
    DoctorCheckResult() = default;

    std::string name;
    bool ok = false;
    std::string detail;
    std::chrono::milliseconds latency{0};
    std::optional<std::string> hint; ///< On failures: a stable slug that says where to look.
};

class DoctorResult
{
public:
    DoctorResult() = default;

    std::string active_provider;
    bool tailscale_enabled = false;
    std::vector<DoctorCheckResult> checks;
};

/// The body of `GET /doctor`.
[[nodiscard]] std::string serialize(const DoctorResult& result);

/// One cheap read-only probe per dependency, side by side, each for at most `time_limit`.
class Doctor
{
public:
    /// `network`: null where machines join none.
    Doctor(boost::asio::any_io_executor executor, Database& store, ProviderRegistry& providers,
           std::string active_provider, Network* network = nullptr,
           std::chrono::seconds time_limit = std::chrono::seconds{5});

    boost::asio::awaitable<DoctorResult> examine();

private:
    boost::asio::any_io_executor executor_;
    Database& store_;
    ProviderRegistry& providers_;
    std::string active_provider_;
    Network* network_;
    std::chrono::seconds time_limit_;
};

} // namespace drukbox::service
