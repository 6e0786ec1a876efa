#pragma once

#include "service/providers/aws/credentials/credential_settings.hpp"
#include "service/providers/aws/credentials/credentials.hpp"
#include "service/providers/aws/credentials/metadata.hpp"
#include "service/providers/aws/credentials/profile.hpp"
#include "service/providers/aws/credentials/role.hpp"
#include "service/runtime/keyed_mutex.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include <optional>
#include <string>

namespace drukbox::service::aws {

/// Finds credentials as Amazon's own programs do, in this order: the environment; a profile that assumes a
/// role; a web identity; a profile's own; the container's; the instance's role. They are kept until shortly
/// before they expire, or until somebody finds that they are refused. Used on one thread.
class CredentialChain
{
public:
    CredentialChain(boost::asio::any_io_executor executor, boost::asio::thread_pool& blocking,
                    CredentialSettings settings);

    /// Throws ProviderError, `ProviderAuthError` when there are none.
    [[nodiscard]] boost::asio::awaitable<Credentials> get();

    /// The next get() looks again.
    void forget() noexcept { current_.reset(); }

private:
    [[nodiscard]] bool fresh() const;
    [[nodiscard]] bool valid() const;
    [[nodiscard]] boost::asio::awaitable<void> renew();
    [[nodiscard]] boost::asio::awaitable<Credentials> find();
    [[nodiscard]] boost::asio::awaitable<Credentials> of_profile(Profiles profiles, std::string name,
                                                                 int depth);
    [[nodiscard]] boost::asio::awaitable<Credentials> of_source(std::string source);
    [[nodiscard]] boost::asio::awaitable<Credentials> of_web_identity(RoleRequest role, std::string file);
    [[nodiscard]] boost::asio::awaitable<Credentials> of_container();
    [[nodiscard]] boost::asio::awaitable<Credentials> of_instance();
    [[nodiscard]] Credentials of_environment() const;
    [[nodiscard]] RoleRequest role_of(const Profile& profile) const;
    [[nodiscard]] boost::asio::awaitable<std::string> read_file(std::string path, bool must_exist);

    boost::asio::thread_pool& blocking_;
    CredentialSettings settings_;
    RoleSource roles_;
    MetadataSource metadata_;
    KeyedMutex<int> renewing_;
    std::optional<Credentials> current_;
};

} // namespace drukbox::service::aws
