#pragma once

#include "service/providers/aws/answers.hpp"
#include "service/providers/aws/aws_settings.hpp"
#include "service/providers/aws/signed_client.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

namespace drukbox::service::aws {

/// Tells whose credentials are in force.
class IdentityProbe
{
public:
    IdentityProbe(boost::asio::any_io_executor executor, const AwsSettings& settings, CredentialChain& chain);

    /// Throws ProviderError.
    [[nodiscard]] boost::asio::awaitable<Identity> ask();

private:
    SignedClient sts_;
};

} // namespace drukbox::service::aws
