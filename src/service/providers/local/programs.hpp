#pragma once

#include "service/providers/local/local_settings.hpp"

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
    std::string keeper;
    std::string guest;
    std::vector<std::string> missing; ///< A sentence each, naming the program and what has it.

    [[nodiscard]] static Programs find(const LocalSettings& settings);
};

} // namespace drukbox::service::local
