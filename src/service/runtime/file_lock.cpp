#include "service/runtime/file_lock.hpp"

#include "service/base/setting_error.hpp"

#include <cerrno>
#include <cstring>
#include <string>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace drukbox::service {

FileLock::~FileLock()
{
    if (fd_ >= 0) {
        ::close(fd_);
    }
}

std::optional<FileLock> FileLock::try_lock(const std::filesystem::path& path)
{
    FileLock lock{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR)};
    if (lock.fd_ < 0) {
        throw SettingError(path.string(), std::string{"cannot be written: "} + std::strerror(errno));
    }
    if (::flock(lock.fd_, LOCK_EX | LOCK_NB) != 0) {
        return std::nullopt;
    }
    return lock;
}

} // namespace drukbox::service
