#pragma once

#include "service/providers/docker/tar_archive.hpp"
#include "service/providers/provider.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace drukbox::service::docker {

/// A user of an image.
class Account
{
public:
    Account() = default;

    Owner owner;
    std::string home = "root"; ///< Without the first slash.
};

/// Looks a user up in the text of an /etc/passwd. Throws ProviderError.
[[nodiscard]] Account find_account(std::string_view passwd, std::string_view user);

/// What a container gets before it starts: the machine's host key, the caller's key, the setup script unless
/// that is empty.
[[nodiscard]] std::string boot_archive(const VmSpec& spec, const Account& account, std::string_view setup);

/// The caller's key alone.
[[nodiscard]] std::string key_archive(std::string_view authorized_key, const Account& account);

/// Blocks. Throws ProviderError.
[[nodiscard]] std::string read_setup_script(const std::filesystem::path& path);

} // namespace drukbox::service::docker
