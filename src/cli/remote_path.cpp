#include "cli/remote_path.hpp"

namespace drukbox::cli {

std::optional<RemotePath> RemotePath::parse(std::string_view text)
{
    const std::size_t colon = text.find_first_of(":/");
    if (colon == std::string_view::npos || colon == 0 || text[colon] != ':') {
        return std::nullopt;
    }
    RemotePath remote;
    remote.host = text.substr(0, colon);
    remote.path = text.substr(colon + 1);
    return remote;
}

} // namespace drukbox::cli
