#pragma once

#include "service/providers/aws/credentials/credential_settings.hpp"
#include "service/providers/aws/credentials/credentials.hpp"
#include "service/remote/api_client.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <string>

namespace drukbox::service::aws {

/// What a role is assumed as.
class RoleRequest
{
public:
    RoleRequest() = default;

    std::string arn;
    std::string session_name;
    std::string external_id; ///< Empty: none.
};

/// Assumes roles at STS.
class RoleSource
{
public:
    RoleSource(boost::asio::any_io_executor executor, const CredentialSettings& settings);

    /// With other credentials. Throws ProviderError.
    [[nodiscard]] boost::asio::awaitable<Credentials> assume(RoleRequest role, Credentials with);

    /// With a token of an identity provider. Throws ProviderError.
    [[nodiscard]] boost::asio::awaitable<Credentials> assume_with_token(RoleRequest role, Redacted token);

private:
    std::string region_;
    ApiClient sts_;
};

} // namespace drukbox::service::aws
