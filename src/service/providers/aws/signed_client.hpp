#pragma once

#include "service/providers/aws/credentials/credential_chain.hpp"
#include "service/providers/aws/query.hpp"
#include "service/remote/api_client.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <string>

namespace drukbox::service::aws {

/// One service of Amazon, in one region.
class ServiceEndpoint
{
public:
    ServiceEndpoint() = default;

    std::string service; ///< `ec2`
    std::string region;
    std::string url;
    std::chrono::milliseconds timeout{30'000};
};

/// Calls a service with signed requests. One that asks for less is waited for, longer each time, within the
/// request's deadline; credentials that have ended are renewed once. Used on one thread.
class SignedClient
{
public:
    SignedClient(boost::asio::any_io_executor executor, ServiceEndpoint endpoint, CredentialChain& chain);

    /// A successful answer. Throws Refused for another; `doing` completes "aws failed to …".
    [[nodiscard]] boost::asio::awaitable<std::string> call(ApiRequest request, std::string doing);

private:
    [[nodiscard]] boost::asio::awaitable<void> pause(std::size_t attempts,
                                                     std::chrono::steady_clock::time_point deadline);

    boost::asio::any_io_executor executor_;
    ServiceEndpoint endpoint_;
    CredentialChain& chain_;
    ApiClient api_;
};

} // namespace drukbox::service::aws
