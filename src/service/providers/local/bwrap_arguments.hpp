#pragma once

#include "service/providers/local/image.hpp"
#include "service/providers/local/local_settings.hpp"

#include <string>
#include <utility>
#include <vector>

namespace drukbox::service::local {

/// The whole of what a sandbox is.
class BwrapArguments
{
public:
    BwrapArguments() = default;

    std::vector<std::string> words; ///< Up to the command.
    std::vector<int> sources; ///< What bwrap binds: it finds them from keeper::bwrap_first_source_fd on.
    std::vector<std::pair<std::string, std::string>> remounts; ///< See keeper::Config.

    /// `etc` is the sandbox's /etc, in which the directories `bound_in_etc` of this machine's are bound;
    /// `guest` the program that runs inside. Their descriptors and the image's stay the caller's.
    [[nodiscard]] static BwrapArguments of(const std::string& name, const Image& image, int etc, int guest,
                                           const std::vector<std::string>& bound_in_etc,
                                           const LocalSettings& settings);
};

/// What is asked of bwrap by a test whether it can work here at all.
[[nodiscard]] std::vector<std::string> bwrap_probe_arguments();

} // namespace drukbox::service::local
