#pragma once

#include "service/providers/docker/answers.hpp"
#include "service/providers/docker/docker_settings.hpp"
#include "service/remote/api_client.hpp"
#include "service/runtime/keyed_mutex.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/json/value.hpp>

#include <string>
#include <vector>

namespace drukbox::service::docker {

/// The calls of the Engine API that the provider needs, as Docker and Podman both understand them. Every
/// failure leaves as a ProviderError.
class Engine
{
public:
    Engine(boost::asio::any_io_executor executor, const DockerSettings& settings);

    /// Makes a container, which does not run yet, and pulls its image where the engine lacks it. Its id.
    [[nodiscard]] boost::asio::awaitable<std::string> create(const VmSpec& spec, boost::json::value body);

    /// Unpacks a tar archive at the container's root.
    [[nodiscard]] boost::asio::awaitable<void> upload(std::string id, std::string archive);

    /// A file of the container, whether it runs or not.
    [[nodiscard]] boost::asio::awaitable<std::string> download(std::string id, std::string path);

    [[nodiscard]] boost::asio::awaitable<void> start(std::string id);
    [[nodiscard]] boost::asio::awaitable<ContainerState> inspect(std::string id);

    /// The last lines that the container printed.
    [[nodiscard]] boost::asio::awaitable<std::string> log_tail(std::string id);

    /// Kills the container, and removes it and its volumes. Success when there is none.
    [[nodiscard]] boost::asio::awaitable<void> remove(std::string id);

    /// The containers that carry our label and not the mark of another installation; only the one of this
    /// host name, unless that is empty.
    [[nodiscard]] boost::asio::awaitable<std::vector<ListedContainer>> list(std::string name = {});

    [[nodiscard]] boost::asio::awaitable<std::string> version();

private:
    [[nodiscard]] boost::asio::awaitable<void> pull(std::string image);

    boost::asio::any_io_executor executor_;
    std::string service_label_;
    std::string installation_;
    std::string endpoint_;
    std::chrono::seconds pull_timeout_;
    ApiClient api_;
    KeyedMutex<std::string> pulls_;
};

} // namespace drukbox::service::docker
