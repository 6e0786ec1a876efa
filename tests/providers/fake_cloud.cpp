#include "providers/fake_cloud.hpp"

#include "local/command.hpp"

#include <array>
#include <stdexcept>
#include <vector>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace drukbox::test {
namespace {

std::string path_of(const std::string& script)
{
    return std::string{DRUKBOX_PROVIDER_TESTS} + "/" + script;
}

std::array<posix::UniqueFd, 2> make_pipe()
{
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        throw std::runtime_error("no pipe");
    }
    return {posix::UniqueFd{ends[0]}, posix::UniqueFd{ends[1]}};
}

} // namespace

FakeCloud::FakeCloud(const std::string& script)
{
    auto [in, to_fake] = make_pipe();
    auto [from_fake, out] = make_pipe();
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, in.get(), STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, out.get(), STDOUT_FILENO);
    std::string program = "/usr/bin/python3";
    std::string no_cache = "-B";
    std::string path = path_of(script);
    std::vector<char*> arguments{program.data(), no_cache.data(), path.data(), nullptr};
    const int failed = ::posix_spawn(&pid_, program.c_str(), &actions, nullptr, arguments.data(), ::environ);
    ::posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) {
        throw std::runtime_error("python3 cannot be started");
    }
    out.reset();
    input_ = std::move(to_fake);
    std::string line;
    for (char c = 0; c != '\n' && ::read(from_fake.get(), &c, 1) == 1;) {
        line += c;
    }
    const auto colon = line.rfind(':');
    if (colon == std::string::npos || line.back() != '\n') {
        throw std::runtime_error(script + " did not start");
    }
    port_ = static_cast<std::uint16_t>(std::stoi(line.substr(colon + 1)));
}

FakeCloud::~FakeCloud()
{
    input_.reset();
    ::waitpid(pid_, nullptr, 0);
}

std::optional<std::string> FakeCloud::unavailable()
{
    const auto told = run_command({"/usr/bin/python3", "-B", path_of("vm.py"), "--unavailable"});
    return told.out.empty() ? std::nullopt : std::optional{told.out};
}

void FakeCloud::control(const std::string& json) const
{
    auto peer = connect();
    peer.send("POST /_control HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(json.size()) +
              "\r\n\r\n" + json);
    peer.read_header();
}

std::string FakeCloud::requests() const
{
    auto peer = connect();
    peer.send("GET /_requests HTTP/1.1\r\nHost: x\r\n\r\n");
    const auto answer = peer.read_message();
    return answer.substr(answer.find("\r\n\r\n") + 4);
}

} // namespace drukbox::test
