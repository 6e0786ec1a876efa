#pragma once

#include "service/providers/exoscale/answers.hpp"
#include "service/providers/exoscale/exoscale_settings.hpp"
#include "service/providers/provider.hpp"
#include "service/remote/api_client.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/json/value.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace drukbox::service::exoscale {

/// Exoscale's HTTP API, one function a call, each signed. A 429 is waited out as told, until `deadline` where
/// one is given. Every failure is a ProviderError.
class Api
{
public:
    using Deadline = std::optional<std::chrono::steady_clock::time_point>;

    Api(boost::asio::any_io_executor executor, const ExoscaleSettings& settings);

    [[nodiscard]] boost::asio::awaitable<void> create_key(boost::json::value body, Deadline deadline);
    [[nodiscard]] boost::asio::awaitable<void> delete_key(std::string name);

    /// The ids that names stand for. Throw a ProviderError for a name that stands for nothing.
    [[nodiscard]] boost::asio::awaitable<std::string> template_id(std::string name, Deadline deadline);
    [[nodiscard]] boost::asio::awaitable<std::string> type_id(std::string name, Deadline deadline);

    /// The new instance's id. `secrets` are what the body holds and an error must not repeat.
    [[nodiscard]] boost::asio::awaitable<std::string>
    create_instance(boost::json::value body, Deadline deadline, std::vector<Redacted> secrets);

    /// Nothing when there is none of this id.
    [[nodiscard]] boost::asio::awaitable<std::optional<Instance>> instance(std::string id, Deadline deadline);

    /// All of the zone, ours or not.
    [[nodiscard]] boost::asio::awaitable<std::vector<Instance>> instances(Deadline deadline);
    [[nodiscard]] boost::asio::awaitable<void> delete_instance(std::string id);

private:
    [[nodiscard]] boost::asio::awaitable<ApiAnswer> ask(std::string path, Deadline deadline,
                                                        std::string_view doing);
    [[nodiscard]] boost::asio::awaitable<void> erase(std::string path, std::string_view doing);

    ApiClient client_;
};

} // namespace drukbox::service::exoscale
