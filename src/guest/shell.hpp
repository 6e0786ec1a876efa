#pragma once

namespace drukbox::guest {

/// The login shell of the sandbox's user: adds the variables that the sandbox was created with, and becomes
/// bash, or sh where there is none, with the same arguments.
int run_shell(char** argv);

} // namespace drukbox::guest
