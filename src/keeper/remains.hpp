#pragma once

#include <string>
#include <vector>

namespace drukbox::keeper {

/// Ends whatever still runs in these cgroups and removes them; absent ones are fine.
void remove_cgroups(const std::vector<std::string>& cgroups);

/// The same in one attempt: false when a process has not ended yet.
[[nodiscard]] bool try_remove_cgroups(const std::vector<std::string>& cgroups);

/// Removes a sandbox's directory, its lock file last: as long as there is one, the directory is taken for
/// what it is. `parent` is a descriptor of the directory that it lies in.
void remove_directory(int parent, const std::string& name);

} // namespace drukbox::keeper
