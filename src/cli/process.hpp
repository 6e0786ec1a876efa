#pragma once

#include <string>
#include <vector>

namespace drukbox::cli {

class Interrupts;

/// Becomes another program, looked up in PATH; it inherits the standard streams and no other descriptor.
/// Returns only by throwing Failure, when the program cannot be started.
[[noreturn]] void exec_program(const std::vector<std::string>& arguments);

/// Runs another program likewise and waits for it, passing on the signals that ask this process to end.
/// Returns its exit code, 128 and the number of the signal that ended it. Throws Failure when it cannot be
/// started.
[[nodiscard]] int run_program(const std::vector<std::string>& arguments, Interrupts& interrupts);

} // namespace drukbox::cli
