#include "service/providers/aws/credentials/credential_chain.hpp"

#include "service/runtime/blocking.hpp"
#include "service/runtime/log.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

namespace drukbox::service::aws {
namespace {

namespace asio = boost::asio;

// A request that is signed now may wait in a queue for a while.
constexpr std::chrono::minutes renew_before{5};
constexpr int longest_chain = 5;

ProviderAuthError no_credentials(const std::string& why)
{
    return ProviderAuthError{"aws has no credentials: " + why};
}

bool gives_credentials(const Profile& profile)
{
    return !profile.role_arn.empty() || !profile.access_key.empty();
}

Credentials lasting(const Profile& profile)
{
    Credentials result;
    result.access_key = profile.access_key;
    result.secret_key = profile.secret_key;
    result.session_token = profile.session_token;
    return result;
}

} // namespace

CredentialChain::CredentialChain(asio::any_io_executor executor, asio::thread_pool& blocking,
                                 CredentialSettings settings)
    : blocking_(blocking)
    , settings_(std::move(settings))
    , roles_(executor, settings_)
    , metadata_(executor, settings_)
    , renewing_(executor)
{
}

asio::awaitable<Credentials> CredentialChain::get()
{
    if (!fresh()) {
        const auto lock = co_await renewing_.lock(0);
        // Whoever held the lock may have done it.
        if (!fresh()) {
            co_await renew();
        }
    }
    co_return *current_;
}

bool CredentialChain::fresh() const
{
    return current_ && (!current_->expires || *current_->expires > wire::now() + renew_before);
}

bool CredentialChain::valid() const
{
    return current_ && (!current_->expires || *current_->expires > wire::now());
}

/// Credentials that are still good bear that new ones cannot be had yet.
asio::awaitable<void> CredentialChain::renew()
{
    try {
        current_ = co_await find();
    } catch (const ProviderError& error) {
        if (!valid()) {
            throw;
        }
        log::warning("aws.credentials_refresh_failed").field("error", error.what());
    }
}

asio::awaitable<Credentials> CredentialChain::find()
{
    if (!settings_.access_key.empty()) {
        co_return of_environment();
    }
    const std::string config = co_await read_file(settings_.config_file, false);
    const std::string credentials = co_await read_file(settings_.credentials_file, false);
    Profiles profiles = parse_profiles(config, credentials);
    const auto profile = profiles.find(settings_.profile);
    const bool assumes = profile != profiles.end() && !profile->second.role_arn.empty();
    if (!assumes && !settings_.web_identity_token_file.empty() && !settings_.role_arn.empty()) {
        RoleRequest role;
        role.arn = settings_.role_arn;
        role.session_name = settings_.role_session_name;
        co_return co_await of_web_identity(std::move(role), settings_.web_identity_token_file);
    }
    if (profile != profiles.end() && gives_credentials(profile->second)) {
        co_return co_await of_profile(std::move(profiles), settings_.profile, 0);
    }
    if (profile == profiles.end() && settings_.profile != "default") {
        throw no_credentials("there is no profile " + settings_.profile);
    }
    if (!settings_.container_url.empty()) {
        co_return co_await of_container();
    }
    co_return co_await of_instance();
}

asio::awaitable<Credentials> CredentialChain::of_profile(Profiles profiles, std::string name, int depth)
{
    const auto found = profiles.find(name);
    if (found == profiles.end() || !gives_credentials(found->second)) {
        throw no_credentials("the profile " + name + " has none");
    }
    const Profile profile = found->second;
    if (profile.role_arn.empty()) {
        co_return lasting(profile);
    }
    RoleRequest role = role_of(profile);
    if (!profile.web_identity_token_file.empty()) {
        co_return co_await of_web_identity(std::move(role), profile.web_identity_token_file);
    }
    Credentials with;
    if (profile.source_profile.empty()) {
        with = co_await of_source(profile.credential_source);
    } else if (profile.source_profile == name) {
        with = lasting(profile);
    } else if (depth < longest_chain) {
        with = co_await of_profile(std::move(profiles), profile.source_profile, depth + 1);
    } else {
        throw no_credentials("the profiles go round in circles");
    }
    if (with.access_key.empty()) {
        throw no_credentials("the profile " + name + " names nobody who assumes its role");
    }
    co_return co_await roles_.assume(std::move(role), std::move(with));
}

asio::awaitable<Credentials> CredentialChain::of_source(std::string source)
{
    if (source == "Environment") {
        co_return of_environment();
    }
    if (source == "EcsContainer" && !settings_.container_url.empty()) {
        co_return co_await of_container();
    }
    if (source == "Ec2InstanceMetadata") {
        co_return co_await of_instance();
    }
    co_return Credentials{};
}

asio::awaitable<Credentials> CredentialChain::of_web_identity(RoleRequest role, std::string file)
{
    std::string token = co_await read_file(std::move(file), true);
    Redacted secret{std::move(token)};
    co_return co_await roles_.assume_with_token(std::move(role), std::move(secret));
}

asio::awaitable<Credentials> CredentialChain::of_container()
{
    Redacted token = settings_.container_token;
    if (!settings_.container_token_file.empty()) {
        std::string text = co_await read_file(settings_.container_token_file, true);
        token = Redacted{std::move(text)};
    }
    co_return co_await metadata_.of_container(std::move(token));
}

asio::awaitable<Credentials> CredentialChain::of_instance()
{
    std::optional<Credentials> found;
    if (settings_.instance_role) {
        found = co_await metadata_.of_instance();
    }
    if (!found) {
        throw no_credentials(
            "neither the environment nor the shared files, a container or an instance's role "
            "gives any");
    }
    co_return std::move(*found);
}

Credentials CredentialChain::of_environment() const
{
    Credentials result;
    result.access_key = settings_.access_key;
    result.secret_key = settings_.secret_key;
    result.session_token = settings_.session_token;
    return result;
}

RoleRequest CredentialChain::role_of(const Profile& profile) const
{
    RoleRequest role;
    role.arn = profile.role_arn;
    role.session_name =
        profile.role_session_name.empty() ? settings_.role_session_name : profile.role_session_name;
    role.external_id = profile.external_id;
    return role;
}

/// The content of a file, without white space at its end; nothing for one that need not exist.
asio::awaitable<std::string> CredentialChain::read_file(std::string path, bool must_exist)
{
    auto read = [path, must_exist] {
        std::ifstream file{path};
        if (!file && must_exist) {
            throw no_credentials("cannot read " + path);
        }
        std::string text{std::istreambuf_iterator<char>{file}, {}};
        text.erase(text.find_last_not_of(" \r\n") + 1);
        return text;
    };
    co_return co_await run_blocking(blocking_, std::move(read));
}

} // namespace drukbox::service::aws
