#pragma once

#include "service/providers/local/image.hpp"
#include "service/providers/local/local_settings.hpp"

#include <string>
#include <vector>

namespace drukbox::service::local {

/// Where bwrap finds what it binds.
class Sources
{
public:
    Sources() = default;

    std::string etc;
    std::string guest;
    std::string image; ///< Unused for the machine's own.
};

/// The arguments of bwrap up to the command: the whole of what a sandbox is.
[[nodiscard]] std::vector<std::string> bwrap_arguments(const std::string& name, const Image& image,
                                                       const Sources& sources,
                                                       const std::vector<std::string>& bound_in_etc,
                                                       const LocalSettings& settings);

/// What is asked of bwrap by a test whether it can work here at all.
[[nodiscard]] std::vector<std::string> bwrap_probe_arguments();

} // namespace drukbox::service::local
