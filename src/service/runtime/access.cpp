#include "service/runtime/access.hpp"

#include "service/base/setting_error.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include <unistd.h>

namespace drukbox::service {

bool is_ours(const struct stat& status)
{
    return status.st_uid == 0 || status.st_uid == ::geteuid();
}

std::string describe_access(const struct stat& status)
{
    std::array<char, 8> mode{};
    std::snprintf(mode.data(), mode.size(), "%04o", status.st_mode & 07777U);
    return "has mode " + std::string{mode.data()} + " and belongs to uid " + std::to_string(status.st_uid);
}

std::string wanted_owner()
{
    return "it should belong to uid " + std::to_string(::geteuid()) +
           (::geteuid() == 0 ? ", which is root" : ", which the service runs as, or to root");
}

std::string read_all(int fd, const std::string& path)
{
    std::string text;
    std::array<char, 4096> buffer{};
    for (;;) {
        const auto count = ::read(fd, buffer.data(), buffer.size());
        if (count < 0) {
            throw SettingError(path, std::string{"cannot be read: "} + std::strerror(errno));
        }
        if (count == 0) {
            return text;
        }
        text.append(buffer.data(), static_cast<std::size_t>(count));
    }
}

} // namespace drukbox::service
