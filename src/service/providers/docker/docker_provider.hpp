#pragma once

#include "service/providers/configuration.hpp"
#include "service/providers/docker/docker_settings.hpp"
#include "service/providers/provider.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>

#include <memory>

namespace drukbox::service::docker {

/// The provider `docker`: a container a machine, in Docker or Podman, with its SSH server on a port of
/// 127.0.0.1; see docs/docker-provider.md. Its coroutines run on `reactor`, handshakes on `blocking`.
[[nodiscard]] std::unique_ptr<Provider> make_docker_provider(boost::asio::any_io_executor reactor,
                                                             boost::asio::thread_pool& blocking,
                                                             DockerSettings settings);

/// Asked for when it is the default, or when `DOCKER_HOST` or `DOCKER_DEFAULT_IMAGE` is set.
[[nodiscard]] std::optional<ProviderMaker> configure(const Environment& environment,
                                                     const ProviderBasics& basics);

} // namespace drukbox::service::docker
