#pragma once

#include "service/ssh/key_pair.hpp"
#include "support/scripted_server.hpp"
#include "support/temporary_directory.hpp"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <vector>

#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace drukbox::test {

/// OpenSSH's server behind a port: each connection gets an `sshd -i`.
class SshServer
{
public:
    explicit SshServer(const service::ssh::KeyPair& host)
        : server_([this](Peer& peer) { serve(peer); })
    {
        // Where the package's own server does not run, root's sshd misses the directory that its unit makes.
        std::error_code ignored;
        std::filesystem::create_directory("/run/sshd", ignored);
        const auto key = (files_.path() / "key").string();
        std::ofstream{key} << host.private_key.reveal();
        ::chmod(key.c_str(), 0600);
        std::ofstream{files_.path() / "config"} << "HostKey " << key << "\nUsePAM no\n";
    }

    [[nodiscard]] std::uint16_t port() const { return server_.port(); }

private:
    void serve(Peer& peer) const
    {
        const std::string config = files_.path() / "config";
        std::vector<std::string> words{"/usr/sbin/sshd", "-i", "-e", "-f", config};
        std::vector<char*> arguments;
        for (auto& word : words) {
            arguments.push_back(word.data());
        }
        arguments.push_back(nullptr);
        posix_spawn_file_actions_t actions;
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_adddup2(&actions, peer.fd(), 0);
        ::posix_spawn_file_actions_adddup2(&actions, peer.fd(), 1);
        ::posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", 1, 0);
        pid_t pid = -1;
        const int error = ::posix_spawn(&pid, arguments[0], &actions, nullptr, arguments.data(), ::environ);
        ::posix_spawn_file_actions_destroy(&actions);
        if (error == 0) {
            ::waitpid(pid, nullptr, 0);
        }
    }

    test::TemporaryDirectory files_;
    ScriptedServer server_;
};

} // namespace drukbox::test
