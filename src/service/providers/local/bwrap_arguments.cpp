#include "service/providers/local/bwrap_arguments.hpp"

#include "keeper/layout.hpp"
#include "service/providers/local/sandbox_etc.hpp"

#include <initializer_list>
#include <string_view>

namespace drukbox::service::local {
namespace {

constexpr std::uint64_t run_mb = 64;

/// A file for each 8 KB, as the trees of packages that agents work with have them; the kernel needs about 1
/// KB for one.
constexpr std::uint64_t files_a_mb = 128;

/// The kernel has about 3,000 for all sandboxes together.
constexpr int most_terminals = 64;

class Arguments
{
public:
    void add(std::initializer_list<std::string_view> words)
    {
        list.words.insert(list.words.end(), words.begin(), words.end());
    }

    /// By its descriptor: bwrap fails if its place has been taken by something else meanwhile.
    void bind(int source, std::string_view path)
    {
        const std::size_t number = keeper::bwrap_first_source_fd + list.sources.size();
        add({"--ro-bind-fd", std::to_string(number), path});
        list.sources.push_back(source);
    }

    void tmpfs(std::string_view mode, std::uint64_t megabytes, const std::string& path)
    {
        add({"--perms", mode, "--size", std::to_string(megabytes << 20U), "--tmpfs", path});
        list.remounts.emplace_back(path, "nr_inodes=" + std::to_string(megabytes * files_a_mb));
    }

    void isolate()
    {
        add({"--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent", "--new-session",
             "--cap-drop", "ALL", "--clearenv"});
    }

    BwrapArguments list;
};

void add_entry(Arguments& arguments, const Image::Entry& entry, const std::string& path)
{
    if (!entry.link.empty()) {
        arguments.add({"--symlink", entry.link, path});
    } else if (entry.directory) {
        arguments.bind(entry.directory.get(), path);
    }
}

void add_image(Arguments& arguments, const Image& image)
{
    for (const Image::Entry& entry : image.entries) {
        if (image.host && entry.link.empty()) {
            arguments.add({"--ro-bind", "/" + entry.name, "/" + entry.name});
        } else {
            add_entry(arguments, entry, "/" + entry.name);
        }
    }
    if (image.borrows_sshd) {
        arguments.add({"--ro-bind", "/usr", "/.host/usr"});
    }
    add_entry(arguments, image.etc, "/.image-etc");
}

} // namespace

BwrapArguments BwrapArguments::of(const std::string& name, const Image& image, int etc, int guest,
                                  const std::vector<std::string>& bound_in_etc, const LocalSettings& settings)
{
    const std::string home = "/home/" + settings.ssh_username;
    const std::string inside = std::to_string(inside_uid);
    Arguments arguments;
    arguments.isolate();
    arguments.add({"--uid", inside, "--gid", inside, "--hostname", name, "--as-pid-1"});
    arguments.add({"--seccomp", std::to_string(keeper::bwrap_seccomp_fd), "--info-fd",
                   std::to_string(keeper::bwrap_info_fd)});

    add_image(arguments, image);
    arguments.bind(etc, "/etc");
    for (const std::string& path : bound_in_etc) {
        arguments.add({"--ro-bind", "/etc/" + path, "/etc/" + path});
    }
    arguments.bind(guest, "/etc/drukbox/guest");
    // The sandbox's user owns what concerns its network in there.
    arguments.add({"--proc", "/proc", "--ro-bind", "/proc/sys", "/proc/sys", "--dev", "/dev"});
    arguments.list.remounts.emplace_back("/dev/pts",
                                         "mode=620,ptmxmode=666,max=" + std::to_string(most_terminals));

    arguments.tmpfs("1777", settings.tmp_mb, "/dev/shm");
    arguments.tmpfs("1777", settings.tmp_mb, "/tmp");
    arguments.tmpfs("0755", run_mb, "/run");
    if (image.has_var_tmp) {
        arguments.tmpfs("1777", settings.tmp_mb, "/var/tmp");
    }
    if (image.host) {
        arguments.add({"--symlink", "/run", "/var/run"});
    }
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
    for (const Image::Entry& entry : Image::open("host", {}).entries) {
        if (!entry.link.empty()) {
            arguments.add({"--symlink", entry.link, "/" + entry.name});
        }
    }
    arguments.add({"--", "/usr/bin/true"});
    return std::move(arguments.list.words);
}

} // namespace drukbox::service::local
