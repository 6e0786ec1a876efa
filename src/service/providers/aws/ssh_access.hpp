#pragma once

#include "service/providers/aws/answers.hpp"
#include "service/providers/aws/aws_settings.hpp"
#include "service/providers/aws/signed_client.hpp"
#include "service/remote/api_client.hpp"
#include "service/runtime/keyed_mutex.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace drukbox::service::aws {

/// Keeps the security group `drukbox-managed`, whose tcp/22 is open to AWS_SSH_CIDRS, else to the address
/// that this service is seen from. A group that the settings name is left as it is.
class SshAccess
{
public:
    SshAccess(boost::asio::any_io_executor executor, const AwsSettings& settings, CredentialChain& chain);

    /// The id of a group for a new machine. Throws ProviderError.
    [[nodiscard]] boost::asio::awaitable<std::string> group();

private:
    [[nodiscard]] boost::asio::awaitable<std::optional<std::string>> own_address();
    [[nodiscard]] boost::asio::awaitable<std::string> vpc();
    [[nodiscard]] boost::asio::awaitable<SecurityGroup> find_or_create(std::string vpc_id);
    [[nodiscard]] boost::asio::awaitable<std::optional<SecurityGroup>> find(std::string vpc_id);
    [[nodiscard]] boost::asio::awaitable<void> open_to(SecurityGroup group, std::vector<std::string> cidrs);
    [[nodiscard]] boost::asio::awaitable<void> change(std::string action, std::string group,
                                                      std::vector<std::string> cidrs, std::string harmless);

    const AwsSettings& settings_;
    SignedClient client_;
    ApiClient checkip_;
    KeyedMutex<int> one_at_a_time_;
    std::string group_id_; ///< As it was made equal last.
    std::chrono::steady_clock::time_point good_until_;
};

} // namespace drukbox::service::aws
