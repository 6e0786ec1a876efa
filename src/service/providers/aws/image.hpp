#pragma once

#include "service/providers/aws/aws_settings.hpp"
#include "service/providers/aws/signed_client.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <string>

namespace drukbox::service::aws {

/// Finds the image that a name stands for: an `ami-…` itself, or what a parameter of Systems Manager holds
/// right now, which is how publishers name their newest image.
class ImageResolver
{
public:
    ImageResolver(boost::asio::any_io_executor executor, const AwsSettings& settings, CredentialChain& chain);

    /// The image's id. Throws ProviderError.
    [[nodiscard]] boost::asio::awaitable<std::string> resolve(std::string image);

private:
    SignedClient ssm_;
};

} // namespace drukbox::service::aws
