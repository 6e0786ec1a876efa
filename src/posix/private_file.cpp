#include "posix/private_file.hpp"

#include "posix/file.hpp"

#include <cerrno>
#include <cstdlib>

#include <unistd.h>

namespace drukbox::posix {
namespace {

/// A file beside the wanted one, gone with this object.
class FileBeside
{
public:
    FileBeside(const std::string& path, std::string_view content)
        : path_(path + ".XXXXXX")
    {
        const UniqueFd fd(::mkostemp(path_.data(), O_CLOEXEC)); // mkostemp makes it 0600
        if (!fd) {
            throw failure(path);
        }
        try {
            write_all(fd.get(), content, path);
            // Or a crash could leave the name on an empty file.
            if (::fsync(fd.get()) != 0) {
                throw failure(path);
            }
        } catch (const std::system_error&) {
            ::unlink(path_.c_str());
            throw;
        }
    }

    FileBeside(const FileBeside&) = delete;
    FileBeside& operator=(const FileBeside&) = delete;

    ~FileBeside() { ::unlink(path_.c_str()); }

    [[nodiscard]] const char* path() const noexcept { return path_.c_str(); }

private:
    std::string path_;
};

} // namespace

void replace_private_file(const std::string& path, std::string_view content)
{
    const FileBeside file{path, content};
    if (::rename(file.path(), path.c_str()) != 0) {
        throw failure(path);
    }
}

void make_private_file(const std::string& path, std::string_view content)
{
    const FileBeside file{path, content};
    if (::link(file.path(), path.c_str()) != 0 && errno != EEXIST) {
        throw failure(path);
    }
}

} // namespace drukbox::posix
