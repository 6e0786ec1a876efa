// Makes a sandbox, runs a command in it over SSH with libssh, and removes it again. The command is the
// argument, or `uname -a`. Needs SANDBOX_SERVICE_URL and SANDBOX_SERVICE_TOKEN in the environment.

#include <drukbox/drukbox.hpp>

#include <libssh/libssh.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>

#include <unistd.h>

namespace {

class FreeKey
{
public:
    void operator()(ssh_key key) const noexcept { ssh_key_free(key); }
};

class FreeChannel
{
public:
    void operator()(ssh_channel channel) const noexcept { ssh_channel_free(channel); }
};

using Key = std::unique_ptr<std::remove_pointer_t<ssh_key>, FreeKey>;
using Channel = std::unique_ptr<std::remove_pointer_t<ssh_channel>, FreeChannel>;

/// The host's keys in a file, which is how libssh wants them.
class KnownHostsFile
{
public:
    explicit KnownHostsFile(const std::string& lines)
    {
        std::string pattern = std::filesystem::temp_directory_path() / "known_hosts.XXXXXX";
        const int file = ::mkstemp(pattern.data());
        if (file < 0) {
            throw std::runtime_error("no temporary file");
        }
        ::close(file);
        path_ = pattern;
        std::ofstream{path_} << lines;
    }

    KnownHostsFile(const KnownHostsFile&) = delete;
    KnownHostsFile& operator=(const KnownHostsFile&) = delete;

    ~KnownHostsFile()
    {
        std::error_code ignored;
        std::filesystem::remove(path_, ignored);
    }

    [[nodiscard]] const std::string& path() const noexcept { return path_; }

private:
    std::string path_;
};

/// An SSH connection to a sandbox.
class SshSession
{
public:
    explicit SshSession(const drukbox::SandboxHost& host)
        : known_hosts_(host.known_hosts)
        , session_(ssh_new())
    {
        const unsigned port = host.external_ssh_port;
        const bool no = false;
        // Nothing of the user's own configuration: it may name another host, key or proxy.
        set(SSH_OPTIONS_PROCESS_CONFIG, &no);
        set(SSH_OPTIONS_HOST, host.external_ssh_host.c_str());
        set(SSH_OPTIONS_PORT, &port);
        set(SSH_OPTIONS_USER, host.ssh_username.c_str());
        set(SSH_OPTIONS_KNOWNHOSTS, known_hosts_.path().c_str());
        set(SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null");
        check(ssh_connect(session_.get()) == SSH_OK);
        // The service says which key the host has; any other one is somebody else's.
        if (ssh_session_is_known_server(session_.get()) != SSH_KNOWN_HOSTS_OK) {
            throw std::runtime_error("the host at " + host.external_ssh_host + " has another key than " +
                                     host.name);
        }
        log_in(host.private_key.value_or(""));
    }

    /// Prints what a command prints; returns its exit status.
    [[nodiscard]] int run(const std::string& command)
    {
        const Channel channel{ssh_channel_new(session_.get())};
        check(channel && ssh_channel_open_session(channel.get()) == SSH_OK);
        check(ssh_channel_request_exec(channel.get(), command.c_str()) == SSH_OK);
        std::array<char, 4096> buffer{};
        for (;;) {
            const int size = ssh_channel_read(channel.get(), buffer.data(), buffer.size(), 0);
            check(size >= 0);
            if (size == 0) {
                return ssh_channel_get_exit_status(channel.get());
            }
            std::cout.write(buffer.data(), size);
        }
    }

private:
    class FreeSession
    {
    public:
        void operator()(ssh_session session) const noexcept
        {
            ssh_disconnect(session);
            ssh_free(session);
        }
    };

    void set(ssh_options_e option, const void* value)
    {
        check(ssh_options_set(session_.get(), option, value) == SSH_OK);
    }

    void log_in(const std::string& private_key)
    {
        ssh_key raw = nullptr;
        if (ssh_pki_import_privkey_base64(private_key.c_str(), nullptr, nullptr, nullptr, &raw) != SSH_OK) {
            throw std::runtime_error("the host came without a private key");
        }
        const Key key{raw};
        check(ssh_userauth_publickey(session_.get(), nullptr, key.get()) == SSH_AUTH_SUCCESS);
    }

    void check(bool succeeded) const
    {
        if (!succeeded) {
            throw std::runtime_error(std::string{"the connection: "} + ssh_get_error(session_.get()));
        }
    }

    KnownHostsFile known_hosts_;
    std::unique_ptr<std::remove_pointer_t<ssh_session>, FreeSession> session_;
};

int use(const drukbox::SandboxHost& host, const std::string& command)
try {
    return SshSession{host}.run(command);
} catch (const std::runtime_error& error) {
    std::cerr << "ssh: " << error.what() << '\n';
    return EXIT_FAILURE;
}

} // namespace

int main(int argc, char** argv)
try {
    const drukbox::SandboxClient sandbox = drukbox::SandboxClient::from_env();
    const drukbox::SandboxHost host = sandbox.create_host();
    const int status = use(host, argc > 1 ? argv[1] : "uname -a");
    sandbox.delete_host(host.id);
    return status;
} catch (const drukbox::SandboxError& error) {
    std::cerr << "ssh: " << error.what() << '\n';
    return EXIT_FAILURE;
}
