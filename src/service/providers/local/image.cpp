#include "service/providers/local/image.hpp"

#include "service/providers/provider.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>

namespace drukbox::service::local {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 7> system_names{"usr",   "bin",   "sbin",  "lib",
                                                       "lib32", "lib64", "libx32"};

/// The sandbox has its own of these, or none.
constexpr std::array<std::string_view, 13> own_names{
    "etc", "proc", "dev", "sys", "tmp", "run", "home", "root", "mnt", "boot", "media", "lost+found", ".host"};

constexpr const char* sshd_path = "/usr/sbin/sshd";

bool add(Image& image, const fs::path& path)
{
    std::error_code error;
    const fs::file_status status = fs::symlink_status(path, error);
    Image::Entry entry;
    entry.name = path.filename();
    if (fs::is_symlink(status))
        entry.link = fs::read_symlink(path);
    else if (!fs::is_directory(status))
        return false;
    image.entries.push_back(std::move(entry));
    return true;
}

Image inspect_host()
{
    Image image;
    for (const std::string_view name : system_names)
        add(image, fs::path{"/"} / name);
    image.sshd_command = {sshd_path};
    return image;
}

/// The loader of this machine, as sshd names it: in the place that the processor's ABI fixes.
std::string find_loader()
{
    for (const char* const path : {"/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1"}) {
        std::error_code error;
        const fs::path real = fs::canonical(path, error);
        if (!error && real.native().starts_with("/usr/"))
            return "/.host" + real.native();
    }
    throw ProviderError("ProviderError", "the image has no sshd, and this machine's cannot be lent to it");
}

std::string library_path(const std::string& loader)
{
    const std::string own = fs::path{loader}.parent_path();
    return own + ":/.host/usr/lib/x86_64-linux-gnu:/.host/usr/lib/aarch64-linux-gnu:/.host/usr/lib64:/.host/"
                 "usr/lib";
}

} // namespace

Image Image::inspect(const std::string& image_name)
{
    if (image_name == "host")
        return inspect_host();
    // It becomes a line of a configuration and a word of a command line.
    if (!image_name.starts_with('/') ||
        image_name.find_first_of(std::string_view{"\n\0", 2}) != std::string::npos)
        throw ProviderError("ImageNotFound",
                            "image must be 'host' or the absolute path of a root file system");
    std::error_code error;
    Image image;
    image.host = false;
    image.root = fs::canonical(image_name, error);
    if (error || !fs::is_directory(image.root, error))
        throw ProviderError("ImageNotFound", "no such image directory: " + image_name);
    if (image.root == "/" || !fs::is_directory(fs::path{image.root} / "usr", error))
        throw ProviderError("ImageNotFound", "not a root file system (no usr directory): " + image_name);

    for (const auto& entry : fs::directory_iterator(image.root, error)) {
        const std::string name = entry.path().filename();
        if (std::find(own_names.begin(), own_names.end(), name) == own_names.end())
            add(image, entry.path());
    }
    if (error)
        throw ProviderError("ImageNotFound",
                            "cannot read image directory " + image_name + ": " + error.message());
    std::sort(image.entries.begin(), image.entries.end(),
              [](const Entry& a, const Entry& b) { return a.name < b.name; });
    const fs::path var = fs::path{image.root} / "var";
    image.has_var_tmp = !fs::exists(fs::symlink_status(var, error)) ||
                        (fs::is_directory(fs::symlink_status(var, error)) &&
                         fs::is_directory(fs::symlink_status(var / "tmp", error)));
    if (fs::exists(image.root + sshd_path, error)) {
        image.sshd_command = {sshd_path};
    } else {
        const std::string loader = find_loader();
        image.borrows_sshd = true;
        image.sshd_command = {loader, "--library-path", library_path(loader), "/.host/usr/sbin/sshd"};
    }
    return image;
}

} // namespace drukbox::service::local
