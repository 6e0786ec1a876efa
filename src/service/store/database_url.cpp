#include "service/store/database_url.hpp"

#include "service/settings/environment.hpp"

namespace drukbox::service {

std::filesystem::path sqlite_file(std::string_view database_url)
{
    const auto end = database_url.find("://");
    auto scheme = database_url.substr(0, end);
    scheme = scheme.substr(0, scheme.find('+'));
    if (end == std::string_view::npos || scheme != "sqlite") {
        // The URL itself may hold a password: it is not repeated.
        throw SettingError("DATABASE_URL", "should be sqlite:///path/to/file.db");
    }
    const auto rest = database_url.substr(end + 3);
    const auto path = rest.substr(0, rest.find('?'));
    if (path.size() < 2 || !path.starts_with('/')) {
        throw SettingError("DATABASE_URL",
                           "should name a file after sqlite:/// (four slashes for an absolute path)");
    }
    return std::filesystem::absolute(path.substr(1));
}

} // namespace drukbox::service
