#include "cli/private_file.hpp"

#include "cli/failure.hpp"
#include "posix/private_file.hpp"
#include "posix/unique_fd.hpp"

#include <array>
#include <cerrno>
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
    try {
        posix::replace_private_file(path.string(), content);
    } catch (const std::system_error& error) {
        fail("cannot write", path, error.code().value());
    }
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
