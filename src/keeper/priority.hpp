#pragma once

#include <sys/types.h>

namespace drukbox::keeper {

/// The last that a process gets a processor by the usual rules.
inline constexpr int lowest_priority = 19;

/// For this process and all that it starts: no priority above the usual, whatever the service has, and none
/// that could be raised again. To be called before it becomes somebody else, and before it joins a group,
/// which takes no process of a real-time policy.
void forgo_priority();

/// Puts a process behind the service and whatever else has the usual priority. Throws std::system_error.
void lower_priority(pid_t pid);

} // namespace drukbox::keeper
