#pragma once

#include "service/providers/local/local_settings.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace drukbox::service::local {

/// The programs that the local provider calls, by their paths.
class Programs
{
public:
    Programs() = default;

    std::string bwrap;
    std::string slirp4netns; ///< Empty unless the network is to be nat.
    std::string newuidmap;   ///< Empty where they are not installed: only some installations need them.
    std::string newgidmap;
    std::string keeper;
    std::string guest;
    std::vector<std::string> missing; ///< A sentence each, naming the program and what has it.

    [[nodiscard]] static Programs find(const LocalSettings& settings);
};

/// Runs bwrap to see whether it can bind by descriptor, without which an image could show the machine.
/// Returns a sentence for Programs::missing; empty when it can. Blocks. Throws std::system_error.
[[nodiscard]] std::string complaint_about_bwrap(const std::string& bwrap,
                                                std::chrono::milliseconds patience = std::chrono::seconds{
                                                    60});

} // namespace drukbox::service::local
