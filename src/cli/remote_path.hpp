#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace drukbox::cli {

/// `NAME:path`: a path in a sandbox.
class RemotePath
{
public:
    RemotePath() = default;

    /// None for a path on this machine, which is what has no colon before its first slash.
    [[nodiscard]] static std::optional<RemotePath> parse(std::string_view text);

    std::string host;
    std::string path; ///< Empty: the home directory.
};

} // namespace drukbox::cli
