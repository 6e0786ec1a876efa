#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace drukbox::keeper {

/// What the service tells a keeper about its sandbox, and what whoever cleans up after a dead keeper reads.
/// As text a line each, `key value`; no value holds a newline.
class Config
{
public:
    Config() = default;

    std::string name;
    std::uint32_t uid = 0; ///< Host uid of the sandbox; 0: the keeper's own.
    std::uint32_t gid = 0; ///< Its host gid, where it is a subordinate one; else the same as the uid.
    /// Their paths, where uid and gid are subordinate ones of the keeper's user; empty: root takes the uid.
    std::string newuidmap;
    std::string newgidmap;
    std::optional<std::int64_t> deadline;   ///< Microseconds since the epoch.
    std::string bwrap;                      ///< Its path.
    std::string slirp4netns;                ///< Its path; empty: no network.
    std::vector<std::string> cgroups;       ///< Directories, one a hierarchy.
    std::string cpu_group;                  ///< The one of them that shares processors; empty: none.
    std::vector<std::string> guest_command; ///< What bwrap runs.
    unsigned sources = 0;                   ///< Descriptors from first_source_fd on.
    std::vector<std::pair<std::string, std::string>> remounts; ///< Mount point inside, its options.

    [[nodiscard]] std::string format() const;

    /// Throws std::runtime_error for what format() did not write.
    [[nodiscard]] static Config parse(std::string_view text);
};

} // namespace drukbox::keeper
