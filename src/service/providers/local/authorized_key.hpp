#pragma once

#include <filesystem>
#include <string>

namespace drukbox::service::local {

/// Puts another key in the place of the one that logs in to a sandbox. It lies in a directory that is bound
/// into the sandbox, so that what is renamed here is seen there at once. Blocks. Throws VmNotFound when there
/// is no such sandbox, ProviderError and std::system_error.
void replace_authorized_key(const std::filesystem::path& sandboxes, const std::string& name,
                            const std::string& authorized_key);

} // namespace drukbox::service::local
