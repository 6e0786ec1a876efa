#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace drukbox::service::local {

/// Uids and gids beside its own that a user may map into its user namespaces, see subuid(5) and subgid(5).
class SubordinateIds
{
public:
    SubordinateIds() = default;

    std::uint32_t first_uid = 0;
    std::uint32_t first_gid = 0;
    std::uint32_t count = 0; ///< Of both; 0: there are none.

    /// Of the user with this name and uid, in the texts of the two files: the first range of each.
    [[nodiscard]] static SubordinateIds of(std::string_view name, std::uint32_t uid,
                                           const std::string& subuid, const std::string& subgid);

    /// Of this process's user, on this machine.
    [[nodiscard]] static SubordinateIds find();
};

} // namespace drukbox::service::local
