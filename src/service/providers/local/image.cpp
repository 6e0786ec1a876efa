#include "service/providers/local/image.hpp"

#include "keeper/layout.hpp"
#include "posix/file.hpp"
#include "service/providers/provider.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <memory>
#include <utility>

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace drukbox::service::local {
namespace {

namespace fs = std::filesystem;
using posix::UniqueFd;

constexpr std::array<std::string_view, 7> system_names{"usr",   "bin",   "sbin",  "lib",
                                                       "lib32", "lib64", "libx32"};

/// The sandbox has its own of these, or none.
constexpr std::array<std::string_view, 14> own_names{"etc",   "proc",       "dev",   "sys",       "tmp",
                                                     "run",   "home",       "root",  "mnt",       "boot",
                                                     "media", "lost+found", ".host", ".image-etc"};

constexpr const char* sshd_path = "/usr/sbin/sshd";

/// More than any system has, and as many as a keeper can be given beside what is not the image's.
constexpr std::size_t most_entries = keeper::most_sources - 8;
constexpr std::size_t most_names = 256;
constexpr std::size_t most_etc_entries = 4096;

constexpr std::uint64_t beneath = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;

UniqueFd open_in(int directory, const std::string& path, int flags, std::uint64_t resolve = beneath)
{
    open_how how{};
    how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
    how.resolve = resolve;
    return UniqueFd{static_cast<int>(::syscall(SYS_openat2, directory, path.c_str(), &how, sizeof(how)))};
}

/// The names in a directory, sorted. Throws ProviderError beyond `most` of them.
std::vector<std::string> names_in(int directory, std::size_t most, const std::string& what)
{
    UniqueFd readable = open_in(directory, ".", O_RDONLY | O_DIRECTORY);
    const std::unique_ptr<DIR, int (*)(DIR*)> entries{readable ? ::fdopendir(readable.get()) : nullptr,
                                                      &::closedir};
    if (!entries) {
        throw ImageNotFound("cannot read " + what + ": " + posix::failure("").code().message());
    }
    (void)readable.release();
    std::vector<std::string> names;
    while (const dirent* entry = ::readdir(entries.get())) {
        const std::string name = entry->d_name;
        if (name == "." || name == "..") {
            continue;
        }
        if (names.size() == most) {
            throw ImageNotFound("more than " + std::to_string(most) + " entries in " + what);
        }
        names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    return names;
}

std::string link_text(int link, const char* name)
{
    std::string text(4096, '\0');
    const ssize_t size = ::readlinkat(link, name, text.data(), text.size());
    text.resize(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    return text;
}

/// A directory or a link; nothing for anything else, and for what is gone.
Image::Entry open_entry(const UniqueFd& root, const std::string& name)
{
    Image::Entry entry;
    UniqueFd found = open_in(root.get(), name, O_PATH | O_NOFOLLOW);
    struct stat status{};
    if (!found || ::fstat(found.get(), &status) != 0) {
        return entry;
    }
    if (S_ISLNK(status.st_mode)) {
        entry.link = link_text(found.get(), "");
    } else if (S_ISDIR(status.st_mode)) {
        entry.directory = std::move(found);
    }
    if (entry.directory || !entry.link.empty()) {
        entry.name = name;
    }
    return entry;
}

Image host_image()
{
    Image image;
    for (const std::string_view name : system_names) {
        std::error_code error;
        const fs::path path = fs::path{"/"} / name;
        const fs::file_status status = fs::symlink_status(path, error);
        if (!fs::is_symlink(status) && !fs::is_directory(status)) {
            continue;
        }
        Image::Entry entry;
        entry.name = name;
        if (fs::is_symlink(status)) {
            entry.link = fs::read_symlink(path);
        }
        image.entries.push_back(std::move(entry));
    }
    image.sshd_command = {sshd_path};
    return image;
}

/// The loader of this machine, as sshd names it: in the place that the processor's ABI fixes.
std::string find_loader()
{
    for (const char* const path : {"/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1"}) {
        std::error_code error;
        const fs::path real = fs::canonical(path, error);
        if (!error && real.native().starts_with("/usr/")) {
            return "/.host" + real.native();
        }
    }
    throw ProviderError("the image has no sshd, and this machine's cannot be lent to it");
}

std::string library_path(const std::string& loader)
{
    const std::string own = fs::path{loader}.parent_path();
    return own + ":/.host/usr/lib/x86_64-linux-gnu:/.host/usr/lib/aarch64-linux-gnu:/.host/usr/lib64:/.host/"
                 "usr/lib";
}

bool is_in(const fs::path& path, const fs::path& directory)
{
    std::error_code error;
    const fs::path real = fs::canonical(directory, error);
    return !error && std::mismatch(real.begin(), real.end(), path.begin(), path.end()).first == real.end();
}

UniqueFd open_root(const std::string& name, const std::vector<fs::path>& directories)
{
    UniqueFd root;
    if (name.starts_with('/') && name.find('\0') == std::string::npos) {
        root.reset(::open(name.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    }
    // Where it is, not what it is called: the path may lead through links, and out of an image too.
    const fs::path real =
        root ? link_text(AT_FDCWD, ("/proc/self/fd/" + std::to_string(root.get())).c_str()) : std::string{};
    const auto holds_it = [&real](const fs::path& directory) { return is_in(real, directory); };
    if (!root || real == "/" || !std::any_of(directories.begin(), directories.end(), holds_it)) {
        throw ImageNotFound("no such image: it is 'host', or the absolute path of a directory in "
                            "one of LOCAL_IMAGE_DIRS");
    }
    return root;
}

void open_etc(Image& image, const UniqueFd& root)
{
    image.etc = open_entry(root, "etc");
    // A link is made anew; what it leads to is listed if it is in the image.
    UniqueFd target;
    if (const auto relative = image.etc.link.find_first_not_of('/'); relative != std::string::npos) {
        target = open_in(root.get(), image.etc.link.substr(relative), O_PATH | O_DIRECTORY);
    }
    const int directory = image.etc.directory ? image.etc.directory.get() : target.get();
    if (directory < 0) {
        return;
    }
    for (const std::string& name : names_in(directory, most_etc_entries, "the image's etc")) {
        Image::EtcEntry entry;
        entry.name = name;
        entry.link = link_text(directory, name.c_str());
        image.etc_entries.push_back(std::move(entry));
    }
}

bool place_for_var_tmp(const Image& image)
{
    const auto var = std::find_if(image.entries.begin(), image.entries.end(),
                                  [](const Image::Entry& entry) { return entry.name == "var"; });
    return var == image.entries.end() ||
           (var->directory && open_in(var->directory.get(), "tmp", O_PATH | O_DIRECTORY));
}

} // namespace

Image Image::open(const std::string& name, const std::vector<fs::path>& directories)
{
    if (name == "host") {
        return host_image();
    }
    const UniqueFd root = open_root(name, directories);
    if (!open_in(root.get(), "usr", O_PATH | O_DIRECTORY)) {
        throw ImageNotFound("not a root file system (no usr directory): " + name);
    }

    Image image;
    image.host = false;
    for (const std::string& found : names_in(root.get(), most_names, "image " + name)) {
        if (std::find(own_names.begin(), own_names.end(), found) != own_names.end()) {
            continue;
        }
        if (Entry entry = open_entry(root, found); !entry.name.empty()) {
            image.entries.push_back(std::move(entry));
        }
    }
    if (image.entries.size() > most_entries) {
        throw ImageNotFound("too many directories in image " + name);
    }
    open_etc(image, root);
    image.has_var_tmp = place_for_var_tmp(image);
    // Only whether it is there: the kernel takes the image's root for that of links on the way.
    if (open_in(root.get(), sshd_path, O_PATH, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS)) {
        image.sshd_command = {sshd_path};
    } else {
        const std::string loader = find_loader();
        image.borrows_sshd = true;
        image.sshd_command = {loader, "--library-path", library_path(loader), "/.host/usr/sbin/sshd"};
    }
    return image;
}

} // namespace drukbox::service::local
