#include "posix/file.hpp"

#include <cerrno>
#include <memory>

#include <dirent.h>
#include <sys/stat.h>

namespace drukbox::posix {

std::system_error failure(const std::string& what)
{
    return {errno, std::system_category(), what};
}

UniqueFd open_at(int directory, const std::string& path, int flags, mode_t mode)
{
    UniqueFd fd{::openat(directory, path.c_str(), flags | O_CLOEXEC, mode)};
    if (!fd) {
        throw failure(path);
    }
    return fd;
}

void make_directory(int directory, const std::string& path, mode_t mode)
{
    if (::mkdirat(directory, path.c_str(), mode) != 0) {
        throw failure(path);
    }
    // The umask has had its say in mkdir.
    if (::fchmodat(directory, path.c_str(), mode, 0) != 0) {
        throw failure(path);
    }
}

void write_all(int fd, std::string_view data, const std::string& path)
{
    while (!data.empty()) {
        const ssize_t written = ::write(fd, data.data(), data.size());
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written < 0) {
            throw failure(path);
        }
        data.remove_prefix(static_cast<std::size_t>(written));
    }
}

void write_file(int directory, const std::string& path, std::string_view data, mode_t mode)
{
    const UniqueFd fd = open_at(directory, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
    if (::fchmod(fd.get(), mode) != 0) {
        throw failure(path);
    }
    write_all(fd.get(), data, path);
}

void write_existing(int directory, const std::string& path, std::string_view data)
{
    const UniqueFd fd = open_at(directory, path, O_WRONLY);
    write_all(fd.get(), data, path);
}

std::string read_file(int directory, const std::string& path)
{
    const UniqueFd fd = open_at(directory, path, O_RDONLY);
    constexpr std::size_t limit = 1 << 20;
    std::string data;
    while (data.size() < limit) {
        const std::size_t had = data.size();
        data.resize(had + 16384);
        const ssize_t got = ::read(fd.get(), data.data() + had, data.size() - had);
        const int error = errno;
        data.resize(had + static_cast<std::size_t>(got > 0 ? got : 0));
        if (got < 0 && error == EINTR) {
            continue;
        }
        if (got < 0) {
            throw std::system_error(error, std::system_category(), path);
        }
        if (got == 0) {
            break;
        }
    }
    return data;
}

void remove_contents(int directory, const std::string& path, std::string_view spare)
{
    UniqueFd fd = open_at(directory, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    const std::unique_ptr<DIR, int (*)(DIR*)> entries{::fdopendir(fd.get()), &::closedir};
    if (!entries) {
        throw failure(path);
    }
    const int self = fd.release();
    while (const dirent* entry = ::readdir(entries.get())) {
        const std::string name = entry->d_name;
        if (name == "." || name == ".." || name == spare) {
            continue;
        }
        if (::unlinkat(self, name.c_str(), 0) == 0 || errno == ENOENT) {
            continue;
        }
        if (errno != EISDIR && errno != EPERM) {
            throw failure(path + "/" + name);
        }
        remove_contents(self, name);
        if (::unlinkat(self, name.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT) {
            throw failure(path + "/" + name);
        }
    }
}

} // namespace drukbox::posix
