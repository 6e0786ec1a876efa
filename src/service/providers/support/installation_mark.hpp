#pragma once

#include <string_view>

namespace drukbox::service {

/// The label, or tag, by which a machine names the installation that made it. `SERVICE_LABEL` alone does not
/// tell: it is the same wherever nobody has changed it.
inline constexpr std::string_view installation_label = "drukbox-installation";

/// What such a label says, empty where there is none, to one installation.
class InstallationMark
{
public:
    InstallationMark(std::string_view label, std::string_view installation)
        : is_ours(!label.empty() && label == installation)
        , may_be_ours(label.empty() || is_ours)
    {
    }

    bool is_ours;
    bool may_be_ours; ///< False: the machine is another installation's, and not to be touched.
};

} // namespace drukbox::service
