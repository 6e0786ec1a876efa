#pragma once

#include "service/providers/aws/credentials/credential_settings.hpp"
#include "service/providers/aws/credentials/credentials.hpp"
#include "service/remote/api_client.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>

namespace drukbox::service::aws {

/// Asks what runs this machine for the credentials of its role.
class MetadataSource
{
public:
    MetadataSource(boost::asio::any_io_executor executor, const CredentialSettings& settings);

    /// Of a container at ECS or EKS; the token, where there is one, opens the door. Throws ProviderError.
    [[nodiscard]] boost::asio::awaitable<Credentials> of_container(Redacted token);

    /// Of an instance of EC2, by version 2 of its metadata service. Nothing when there is no such service, or
    /// the instance has no role. Throws ProviderError.
    [[nodiscard]] boost::asio::awaitable<std::optional<Credentials>> of_instance();

private:
    [[nodiscard]] boost::asio::awaitable<std::optional<Redacted>> session();

    ApiClient container_;
    ApiClient instance_;
};

} // namespace drukbox::service::aws
