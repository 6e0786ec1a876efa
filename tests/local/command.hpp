#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace drukbox::test {

/// What a program did.
class Outcome
{
public:
    Outcome() = default;

    int exit_code = -1; ///< -1: ended by a signal, ours after the timeout included.
    std::string out;
    std::string err;
};

/// Runs a program with this text on its standard input, to its end.
Outcome run_command(const std::vector<std::string>& command, const std::string& input = {},
                    std::chrono::seconds timeout = std::chrono::seconds{60});

} // namespace drukbox::test
