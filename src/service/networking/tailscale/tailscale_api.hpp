#pragma once

#include "service/networking/tailscale/answers.hpp"
#include "service/networking/tailscale/tailscale_settings.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace drukbox::service {
class ApiAnswer;
class ApiRequest;
} // namespace drukbox::service

namespace drukbox::service::tailscale {

/// The calls of the Tailscale API that are needed here, with the access token they need. All throw
/// ProviderError. Used on one thread; calls in flight may outlive it.
class TailscaleApi
{
public:
    using Deadline = std::optional<std::chrono::steady_clock::time_point>;

    TailscaleApi(boost::asio::any_io_executor executor, const TailscaleSettings& settings);
    TailscaleApi(const TailscaleApi&) = delete;
    TailscaleApi& operator=(const TailscaleApi&) = delete;
    ~TailscaleApi();

    /// A key that admits one machine, once, for a day.
    [[nodiscard]] boost::asio::awaitable<AuthKey> create_auth_key(std::string host_name);

    /// Success when there is no such key any more.
    [[nodiscard]] boost::asio::awaitable<void> delete_auth_key(std::string id);

    /// A Tailscale that asks to be left alone is waited for until the deadline.
    [[nodiscard]] boost::asio::awaitable<std::vector<Device>> devices(Deadline deadline = std::nullopt);

    /// Success when there is no such device.
    [[nodiscard]] boost::asio::awaitable<void> delete_device(std::string id);

private:
    struct Shared;

    static boost::asio::awaitable<AccessToken> fetch_token(std::shared_ptr<Shared> shared);
    static boost::asio::awaitable<void> erase(std::shared_ptr<Shared> shared, std::string path,
                                              std::string_view doing);
    static boost::asio::awaitable<ApiAnswer> send(std::shared_ptr<Shared> shared, ApiRequest request);

    std::shared_ptr<Shared> shared_;
};

} // namespace drukbox::service::tailscale
