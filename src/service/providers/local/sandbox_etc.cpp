#include "service/providers/local/sandbox_etc.hpp"

#include "posix/file.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>
#include <sstream>
#include <string_view>

#include <arpa/inet.h>
#include <fcntl.h>
#include <unistd.h>

namespace drukbox::service::local {
namespace {

namespace fs = std::filesystem;

/// Of this machine's /etc: files that programs expect. None holds a secret, and all are readable by everyone.
constexpr std::array copied_files{"ld.so.cache", "localtime",      "timezone",       "services", "protocols",
                                  "mime.types",  "bash.bashrc",    "inputrc",        "magic",    "os-release",
                                  "lsb-release", "debian_version", "ssl/openssl.cnf"};

/// Directories of which the same is true.
constexpr std::array bound_directories{"alternatives",    "ssl/certs",       "fonts",
                                       "java-11-openjdk", "java-17-openjdk", "java-21-openjdk"};

constexpr std::string_view nsswitch = "passwd: files\ngroup: files\nshadow: files\nhosts: files dns\n"
                                      "networks: files\nservices: files\nprotocols: files\n";

// Debian's own resets PATH, and with it what the caller may have set.
constexpr std::string_view profile =
    "[ -z \"$BASH_VERSION\" ] || [ ! -r /etc/bash.bashrc ] || . /etc/bash.bashrc\n";

// Nobody but the one user exists, and everything of ours is mounted read-only: file modes tell sshd nothing.
constexpr std::string_view sshd_config = R"(HostKey /etc/drukbox/ssh/host_key
AuthorizedKeysFile /etc/drukbox/ssh/authorized_keys
StrictModes no
UsePAM no
PubkeyAuthentication yes
PasswordAuthentication no
KbdInteractiveAuthentication no
LoginGraceTime 20
UseDNS no
PrintMotd no
PrintLastLog no
AllowAgentForwarding no
X11Forwarding no
AllowTcpForwarding local
AllowStreamLocalForwarding local
PermitTunnel no
PermitUserEnvironment no
AcceptEnv LANG LC_*
PidFile none
Subsystem sftp internal-sftp
)";

std::string passwd(const std::string& user)
{
    const std::string id = std::to_string(inside_uid);
    return "root:*:0:0:root:/root:/usr/sbin/nologin\n" + user + ":*:" + id + ":" + id + "::/home/" + user +
           ":/etc/drukbox/shell\nnobody:*:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n";
}

/// No `tty` group: an unprivileged sshd could not give a terminal to it, and would refuse every login on one.
std::string group(const std::string& user)
{
    return "root:*:0:\n" + user + ":*:" + std::to_string(inside_uid) + ":\nnogroup:*:65534:\n";
}

std::string hosts(const std::string& name)
{
    return "127.0.0.1 localhost\n::1 localhost\n127.0.1.1 " + name + "\n";
}

std::string resolv_conf(const LocalSettings& settings)
{
    std::string text;
    if (settings.network == Network::nat) {
        for (const std::string& server : settings.dns.empty() ? find_nameservers() : settings.dns) {
            text += "nameserver " + server + "\n";
        }
    }
    return text;
}

std::string environment(const VmSpec& spec)
{
    std::string text;
    for (const auto& [name, value] : spec.env) {
        text.append(name).append("=").append(value.reveal()).push_back('\0');
    }
    return text;
}

void write_own(int directory, const VmSpec& spec, const LocalSettings& settings)
{
    const auto file = [directory](const std::string& path, std::string_view text) {
        posix::write_file(directory, path, text, 0644);
    };
    file("passwd", passwd(settings.ssh_username));
    file("group", group(settings.ssh_username));
    file("hosts", hosts(spec.name));
    file("hostname", spec.name + "\n");
    file("nsswitch.conf", nsswitch);
    file("resolv.conf", resolv_conf(settings));
    file("profile", profile);
    file("shells", "/bin/sh\n/bin/bash\n/etc/drukbox/shell\n");
}

void write_access(int directory, const VmSpec& spec, bool own_uid)
{
    posix::make_directory(directory, "drukbox", 0755);
    posix::make_directory(directory, "drukbox/ssh", 0755);
    // keeper::empty_file and keeper::empty_directory
    posix::make_directory(directory, "drukbox/empty", 0755);
    posix::make_directory(directory, "drukbox/empty/directory", 0755);
    posix::write_file(directory, "drukbox/empty/file", {}, 0444);
    // The mount point of our program, which is the login shell under another name.
    posix::write_file(directory, "drukbox/guest", {}, 0644);
    if (::symlinkat("guest", directory, "drukbox/shell") != 0) {
        throw posix::failure("shell");
    }
    posix::write_file(directory, "drukbox/env", environment(spec), 0644);
    posix::write_file(directory, "drukbox/sshd_config", sshd_config, 0644);
    posix::write_file(directory, "drukbox/ssh/authorized_keys", spec.authorized_key + "\n", 0644);
    // sshd wants a key that is its own for itself alone. One that another user owns it only has to be able to
    // read; nobody else gets to it, since the directory of all sandboxes is the service's.
    posix::write_file(directory, "drukbox/ssh/host_key", spec.host_key.reveal(), own_uid ? 0444 : 0400);
}

void copy_from_host(int directory, const std::string& name)
{
    try {
        const std::string data = posix::read_file(AT_FDCWD, "/etc/" + name);
        posix::write_file(directory, name, data, 0644);
    } catch (const std::system_error& error) {
        if (error.code() != std::errc::no_such_file_or_directory) {
            throw;
        }
    }
}

std::vector<std::string> write_host_part(int directory)
{
    posix::make_directory(directory, "ssl", 0755);
    for (const char* const name : copied_files) {
        copy_from_host(directory, name);
    }
    std::vector<std::string> bound;
    for (const char* const name : bound_directories) {
        std::error_code error;
        if (!fs::is_directory(std::string{"/etc/"} + name, error)) {
            continue;
        }
        posix::make_directory(directory, name, 0755);
        bound.emplace_back(name);
    }
    return bound;
}

/// Everything else that the image has leads to /.image-etc, where its /etc is bound: as deep as /etc itself,
/// so that relative links in there lead where they should.
void link_to_image(int directory, const Image& image)
{
    for (const Image::EtcEntry& entry : image.etc_entries) {
        const std::string target = entry.link.empty() ? "/.image-etc/" + entry.name : entry.link;
        if (::symlinkat(target.c_str(), directory, entry.name.c_str()) != 0 && errno != EEXIST) {
            throw posix::failure(entry.name);
        }
    }
}

} // namespace

std::vector<std::string> write_sandbox_etc(int directory, const Image& image, const VmSpec& spec,
                                           const LocalSettings& settings, bool own_uid)
{
    write_own(directory, spec, settings);
    write_access(directory, spec, own_uid);
    if (image.host) {
        return write_host_part(directory);
    }
    link_to_image(directory, image);
    return {};
}

std::vector<std::string> usable_nameservers(const std::string& resolv_conf)
{
    std::vector<std::string> servers;
    std::istringstream lines{resolv_conf};
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words{line};
        std::string keyword;
        std::string address;
        in_addr parsed{};
        if (!(words >> keyword >> address) || keyword != "nameserver" ||
            ::inet_pton(AF_INET, address.c_str(), &parsed) != 1) {
            continue;
        }
        const std::uint32_t bits = ntohl(parsed.s_addr);
        if (bits >> 24U != 127 && bits >> 16U != 0xa9fe && bits != 0) {
            servers.push_back(address);
        }
    }
    return servers;
}

std::vector<std::string> find_nameservers()
{
    for (const char* const path : {"/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"}) {
        try {
            if (auto servers = usable_nameservers(posix::read_file(AT_FDCWD, path)); !servers.empty()) {
                return servers;
            }
        } catch (const std::system_error&) {
            continue; // not there: the next one
        }
    }
    return {};
}

} // namespace drukbox::service::local
