#pragma once

namespace drukbox::keeper {

enum class Role
{
    keeper, ///< Keeps the time, listens to the service, ends and removes the sandbox.
    relay,  ///< Accepts connections and copies bytes.
};

/// Gives up whatever is needed only until the sandbox runs: capabilities, other programs, and all system
/// calls but those of a role. Throws std::system_error.
void confine(Role role);

} // namespace drukbox::keeper
