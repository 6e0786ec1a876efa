#include "service/runtime/private_file.hpp"

#include "posix/private_file.hpp"
#include "posix/unique_fd.hpp"
#include "service/base/setting_error.hpp"
#include "service/runtime/access.hpp"

#include <cerrno>
#include <cstring>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace drukbox::service {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path, std::string_view what, int error)
{
    throw SettingError(path.string(), std::string{what} + ": " + std::strerror(error));
}

} // namespace

std::string read_or_create_private_file(const std::filesystem::path& path,
                                        const std::function<std::string()>& content)
{
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) {
        try {
            posix::make_private_file(path.string(), content());
        } catch (const std::system_error& error) {
            fail(path, "cannot be written", error.code().value());
        }
    }
    const posix::UniqueFd file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    struct stat status{};
    if (!file || ::fstat(file.get(), &status) != 0) {
        fail(path, "cannot be read", errno);
    }
    if (!is_ours(status)) {
        throw SettingError(path.string(), describe_access(status) + ": " + wanted_owner());
    }
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        throw SettingError(path.string(), "should be readable by its owner only (chmod 600)");
    }
    return read_all(file.get(), path.string());
}

void make_private_directory(const std::filesystem::path& path)
{
    std::error_code error;
    if (std::filesystem::is_directory(path, error)) {
        return;
    }
    if (path.has_parent_path()) {
        std::filesystem::create_directories(path.parent_path(), error);
        if (error) {
            throw SettingError(path.string(), "cannot be made: " + error.message());
        }
    }
    if (::mkdir(path.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
        fail(path, "cannot be made", errno);
    }
}

void check_private_directory(std::string_view setting, const std::filesystem::path& path)
{
    const posix::UniqueFd directory{::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
    if (!directory && errno == ENOENT) {
        return;
    }
    struct stat status{};
    if (!directory || ::fstat(directory.get(), &status) != 0) {
        throw SettingError(setting, path.string() + " cannot be used: " + std::strerror(errno));
    }
    if (!is_ours(status)) {
        throw SettingError(setting, path.string() + " " + describe_access(status) + ": " + wanted_owner() +
                                        "; change its owner (chown), or name another directory");
    }
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        throw SettingError(setting, path.string() + " " + describe_access(status) +
                                        ": it should be open to its owner only (chmod 700), since keys and "
                                        "tokens lie in it");
    }
}

} // namespace drukbox::service
