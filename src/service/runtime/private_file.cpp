#include "service/runtime/private_file.hpp"

#include "posix/unique_fd.hpp"
#include "service/base/setting_error.hpp"
#include "service/runtime/access.hpp"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace drukbox::service {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path, std::string_view what, int error)
{
    throw SettingError(path.string(), std::string{what} + ": " + std::strerror(error));
}

/// A temporary file beside the wanted one, gone with this object.
class TemporaryFile
{
public:
    TemporaryFile(const std::filesystem::path& target, std::string_view content)
        : path_(target.string() + "." + std::to_string(::getpid()) + ".new")
    {
        ::unlink(path_.c_str());
        const int fd = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
        if (fd < 0) {
            fail(target, "cannot be written", errno);
        }
        const bool written =
            ::write(fd, content.data(), content.size()) == static_cast<ssize_t>(content.size()) &&
            ::fsync(fd) == 0;
        const int error = errno;
        ::close(fd);
        if (!written) {
            ::unlink(path_.c_str());
            fail(target, "cannot be written", error);
        }
    }

    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;

    ~TemporaryFile() { ::unlink(path_.c_str()); }

    [[nodiscard]] const char* path() const noexcept { return path_.c_str(); }

private:
    std::string path_;
};

} // namespace

std::string read_or_create_private_file(const std::filesystem::path& path,
                                        const std::function<std::string()>& content)
{
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) {
        const TemporaryFile file{path, content()};
        // link(2), not rename(2): whoever comes second must keep what the first one made.
        if (::link(file.path(), path.c_str()) != 0 && errno != EEXIST) {
            fail(path, "cannot be written", errno);
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

void write_private_file(const std::filesystem::path& path, std::string_view content)
{
    const TemporaryFile file{path, content};
    if (::rename(file.path(), path.c_str()) != 0) {
        fail(path, "cannot be written", errno);
    }
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
