#pragma once

#include "service/providers/hetzner/answers.hpp"
#include "service/providers/hetzner/hetzner_settings.hpp"
#include "service/providers/provider.hpp"
#include "service/remote/api_client.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/json/value.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace drukbox::service::hetzner {

/// Hetzner Cloud's HTTP API, one function a call. A 429 is waited out as told, until `deadline` where one is
/// given. Every failure is a ProviderError.
class Api
{
public:
    using Deadline = std::optional<std::chrono::steady_clock::time_point>;

    Api(boost::asio::any_io_executor executor, const HetznerSettings& settings);

    [[nodiscard]] boost::asio::awaitable<SshKey> create_key(boost::json::value body, Deadline deadline);
    [[nodiscard]] boost::asio::awaitable<std::vector<SshKey>> keys_named(std::string name);
    [[nodiscard]] boost::asio::awaitable<void> delete_key(std::int64_t id);

    /// `secrets` are what the body holds and an error must not repeat.
    [[nodiscard]] boost::asio::awaitable<Server> create_server(boost::json::value body, Deadline deadline,
                                                               std::vector<Redacted> secrets);

    /// Nothing when there is none of this id.
    [[nodiscard]] boost::asio::awaitable<std::optional<Server>> server(std::int64_t id, Deadline deadline);

    /// Those that carry our label and this name, and not the mark of another installation.
    [[nodiscard]] boost::asio::awaitable<std::vector<Server>> servers_named(std::string name);

    /// All that carry our label and not the mark of another installation; those that are being deleted too.
    [[nodiscard]] boost::asio::awaitable<std::vector<Server>> servers(Deadline deadline);
    [[nodiscard]] boost::asio::awaitable<void> delete_server(std::int64_t id);

    /// How many servers the project has, ours or not.
    [[nodiscard]] boost::asio::awaitable<std::int64_t> count_servers(Deadline deadline);

private:
    [[nodiscard]] boost::asio::awaitable<ApiAnswer> send(ApiRequest request);
    [[nodiscard]] boost::asio::awaitable<ApiAnswer> ask(std::string path, Deadline deadline,
                                                        std::string_view doing);
    [[nodiscard]] boost::asio::awaitable<void> erase(std::string path, std::string_view doing);

    [[nodiscard]] bool may_be_ours(const std::string& installation) const;

    std::string service_label_;
    std::string installation_;
    Redacted token_;
    ApiClient client_;
};

} // namespace drukbox::service::hetzner
