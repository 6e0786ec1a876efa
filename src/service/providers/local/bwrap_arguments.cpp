#include "service/providers/local/bwrap_arguments.hpp"

#include "keeper/layout.hpp"
#include "service/providers/local/sandbox_etc.hpp"

#include <initializer_list>
#include <string_view>

namespace drukbox::service::local {
namespace {

class Arguments
{
public:
    void add(std::initializer_list<std::string_view> words)
    {
        list.insert(list.end(), words.begin(), words.end());
    }

    void tmpfs(std::string_view mode, std::uint64_t megabytes, std::string_view path)
    {
        add({"--perms", mode, "--size", std::to_string(megabytes << 20U), "--tmpfs", path});
    }

    void isolate()
    {
        add({"--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent", "--new-session",
             "--cap-drop", "ALL", "--clearenv"});
    }

    std::vector<std::string> list;
};

void add_image(Arguments& arguments, const Image& image, const Sources& sources)
{
    const std::string root = image.host ? "" : sources.image;
    for (const Image::Entry& entry : image.entries) {
        if (!entry.link.empty())
            arguments.add({"--symlink", entry.link, "/" + entry.name});
        else
            arguments.add({"--ro-bind", root + "/" + entry.name, "/" + entry.name});
    }
    if (image.borrows_sshd)
        arguments.add({"--ro-bind", "/usr", "/.host/usr"});
    if (!image.host)
        arguments.add({"--ro-bind-try", root + "/etc", "/.image-etc"});
}

constexpr std::uint64_t run_mb = 64;

} // namespace

std::vector<std::string> bwrap_arguments(const std::string& name, const Image& image, const Sources& sources,
                                         const std::vector<std::string>& bound_in_etc,
                                         const LocalSettings& settings)
{
    const std::string home = "/home/" + settings.ssh_username;
    const std::string inside = std::to_string(inside_uid);
    Arguments arguments;
    arguments.isolate();
    arguments.add({"--uid", inside, "--gid", inside, "--hostname", name, "--as-pid-1"});
    arguments.add({"--seccomp", std::to_string(keeper::bwrap_seccomp_fd), "--info-fd",
                   std::to_string(keeper::bwrap_info_fd)});

    add_image(arguments, image, sources);
    arguments.add({"--ro-bind", sources.etc, "/etc"});
    for (const std::string& path : bound_in_etc)
        arguments.add({"--ro-bind", "/etc/" + path, "/etc/" + path});
    arguments.add({"--ro-bind", sources.guest, "/etc/drukbox/guest"});
    // The sandbox's user owns what concerns its network in there.
    arguments.add({"--proc", "/proc", "--ro-bind", "/proc/sys", "/proc/sys", "--dev", "/dev"});

    arguments.tmpfs("1777", settings.tmp_mb, "/dev/shm");
    arguments.tmpfs("1777", settings.tmp_mb, "/tmp");
    arguments.tmpfs("0755", run_mb, "/run");
    if (image.has_var_tmp)
        arguments.tmpfs("1777", settings.tmp_mb, "/var/tmp");
    if (image.host)
        arguments.add({"--symlink", "/run", "/var/run"});
    arguments.add({"--dir", "/home"});
    arguments.tmpfs("0700", settings.home_mb, home);
    // What bwrap builds on is a tmpfs without a size, and writable for who owns it.
    arguments.add({"--remount-ro", "/dev", "--remount-ro", "/", "--chdir", home});
    return std::move(arguments.list);
}

std::vector<std::string> bwrap_probe_arguments()
{
    Arguments arguments;
    arguments.isolate();
    arguments.add({"--ro-bind", "/usr", "/usr", "--proc", "/proc", "--dev", "/dev"});
    for (const Image::Entry& entry : Image::inspect("host").entries) {
        if (!entry.link.empty())
            arguments.add({"--symlink", entry.link, "/" + entry.name});
    }
    arguments.add({"--", "/usr/bin/true"});
    return std::move(arguments.list);
}

} // namespace drukbox::service::local
