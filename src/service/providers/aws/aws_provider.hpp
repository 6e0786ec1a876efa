#pragma once

#include "service/providers/aws/aws_settings.hpp"
#include "service/providers/configuration.hpp"
#include "service/providers/provider.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>

#include <memory>

namespace drukbox::service::aws {

/// The provider `aws`: a machine of EC2, with a public address. Its coroutines run on `reactor`, handshakes
/// and files on `blocking`.
[[nodiscard]] std::unique_ptr<Provider> make_aws_provider(boost::asio::any_io_executor reactor,
                                                          boost::asio::thread_pool& blocking,
                                                          AwsSettings settings);

/// Asked for when it is the default, or when `AWS_DEFAULT_IMAGE` is set.
[[nodiscard]] std::optional<ProviderMaker> configure(const Environment& environment,
                                                     const ProviderBasics& basics);

} // namespace drukbox::service::aws
