#include "cli/private_file.hpp"

#include "cli/failure.hpp"
#include "posix/unique_fd.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>

namespace drukbox::cli {
namespace {

/// Far above every file of ours, far below what a mistaken path could bring in.
constexpr std::size_t small_file_bytes = 1U << 20U;

std::string reason(int error)
{
    return std::generic_category().message(error);
}

[[noreturn]] void fail(const std::string& what, const std::filesystem::path& path, int error)
{
    throw Failure(ExitCode::failure, what + " " + path.string() + ": " + reason(error));
}

void write_all(int fd, std::string_view content, const std::filesystem::path& path)
{
    while (!content.empty()) {
        const ssize_t written = ::write(fd, content.data(), content.size());
        if (written < 0) {
            if (errno == EINTR) {
                continue;
            }
            fail("cannot write", path, errno);
        }
        content.remove_prefix(static_cast<std::size_t>(written));
    }
}

/// A file that is removed unless it is given its name.
class TemporaryFile
{
public:
    explicit TemporaryFile(const std::filesystem::path& target)
        : target_(target)
        , path_(target.string() + ".XXXXXX")
        , fd_(::mkostemp(path_.data(), O_CLOEXEC)) // mkostemp makes it 0600
    {
        if (!fd_) {
            fail("cannot make a file beside", target, errno);
        }
    }

    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;

    ~TemporaryFile()
    {
        if (!path_.empty()) {
            ::unlink(path_.c_str());
        }
    }

    [[nodiscard]] int fd() const noexcept { return fd_.get(); }

    void commit()
    {
        // Or a crash could leave the new name on an empty file.
        if (::fsync(fd_.get()) != 0 || ::rename(path_.c_str(), target_.c_str()) != 0) {
            fail("cannot write", target_, errno);
        }
        path_.clear();
    }

private:
    std::filesystem::path target_;
    std::string path_;
    posix::UniqueFd fd_;
};

} // namespace

void make_private_directory(const std::filesystem::path& directory)
{
    std::error_code error;
    if (std::filesystem::is_directory(directory, error)) {
        return;
    }
    if (directory.has_parent_path() && directory.parent_path() != directory) {
        make_private_directory(directory.parent_path());
    }
    if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
        fail("cannot make the directory", directory, errno);
    }
}

void write_private_file(const std::filesystem::path& path, std::string_view content)
{
    TemporaryFile file(path);
    write_all(file.fd(), content, path);
    file.commit();
}

std::string read_small_file(const std::filesystem::path& path)
{
    const posix::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) {
        throw std::system_error(errno, std::generic_category(), path.string());
    }
    std::string content;
    std::array<char, 4096> buffer{};
    for (;;) {
        const ssize_t count = ::read(fd.get(), buffer.data(), buffer.size());
        if (count == 0) {
            return content;
        }
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0 || content.size() > small_file_bytes) {
            throw std::system_error(count < 0 ? errno : EFBIG, std::generic_category(), path.string());
        }
        content.append(buffer.data(), static_cast<std::size_t>(count));
    }
}

} // namespace drukbox::cli
