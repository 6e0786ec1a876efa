#pragma once

#include "service/providers/aws/answers.hpp"
#include "service/providers/aws/aws_settings.hpp"
#include "service/providers/aws/signed_client.hpp"
#include "service/providers/provider.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace drukbox::service::aws {

/// The calls of EC2 that machines need. Each throws ProviderError.
class Ec2
{
public:
    Ec2(boost::asio::any_io_executor executor, const AwsSettings& settings, CredentialChain& chain);

    /// Makes the caller's key known; one that is there already gives way.
    [[nodiscard]] boost::asio::awaitable<void> import_key(VmSpec spec);

    /// Success when there is none.
    [[nodiscard]] boost::asio::awaitable<void> delete_key(std::string machine);

    /// The new machine's id.
    [[nodiscard]] boost::asio::awaitable<std::string> launch(VmSpec spec, std::string image_id,
                                                             std::string security_group, Redacted boot_data);

    /// What EC2 knows of these machines, yet or still.
    [[nodiscard]] boost::asio::awaitable<std::vector<Instance>>
    look(std::vector<std::string> ids, std::chrono::steady_clock::time_point deadline);

    /// Our machines that have not ended; only those of that name unless it is empty.
    [[nodiscard]] boost::asio::awaitable<std::vector<Instance>> ours(std::string name);

    [[nodiscard]] boost::asio::awaitable<void> terminate(std::vector<Instance> instances);

private:
    [[nodiscard]] boost::asio::awaitable<std::vector<Instance>>
    describe(Query query, std::optional<std::chrono::steady_clock::time_point> deadline);

    const AwsSettings& settings_;
    SignedClient client_;
};

/// How EC2 is called.
[[nodiscard]] ServiceEndpoint ec2_endpoint(const AwsSettings& settings);

} // namespace drukbox::service::aws
