#include "local/connect.hpp"
#include "local/sandbox_test.hpp"
#include "posix/file.hpp"

#include <fstream>

#include <fcntl.h>

namespace drukbox::test {
namespace {

/// What clients of OpenSSH do with a machine.
class OpenSshTest : public SandboxTest
{
protected:
    std::string random_file(const std::string& name, std::size_t size)
    {
        const std::filesystem::path path = files_.path / name;
        std::ofstream{path} << posix::read_file(AT_FDCWD, "/dev/urandom").substr(0, size);
        return path;
    }
};

TEST_F(OpenSshTest, BytesArriveUnchangedBothWays)
{
    const service::Vm vm = create();
    std::string data = posix::read_file(AT_FDCWD, "/dev/urandom");
    while (data.size() < (8U << 20U)) {
        data += data;
    }
    const Outcome outcome = ssh(vm, {"cat"}, data);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_TRUE(outcome.out == data);
}

TEST_F(OpenSshTest, TheEndOfInputReachesTheCommandAndItsLastOutputTheClient)
{
    const service::Vm vm = create();
    EXPECT_EQ(ssh(vm, {"sha256sum; sleep 0.2; echo done"}, "text").out,
              "982d9e3eb996f559e633f4d194def3761d909f5a3b647d1a851fead67c32c9d1  -\ndone\n");
}

TEST_F(OpenSshTest, ScpCopiesBothWays)
{
    const service::Vm vm = create();
    const std::string path = random_file("data", 300'000);
    const std::string remote = vm.ssh_username + "@" + vm.ssh_host + ":copied";
    std::vector<std::string> up = client("scp", vm);
    up.insert(up.end(), {path, remote});
    const Outcome there = run_command(up);
    ASSERT_EQ(there.exit_code, 0) << there.err;
    std::vector<std::string> down = client("scp", vm);
    down.insert(down.end(), {remote, path + ".back"});
    ASSERT_EQ(run_command(down).exit_code, 0);
    EXPECT_TRUE(posix::read_file(AT_FDCWD, path) == posix::read_file(AT_FDCWD, path + ".back"));
}

TEST_F(OpenSshTest, SftpWorks)
{
    const service::Vm vm = create();
    std::vector<std::string> words = client("sftp", vm);
    words.insert(words.end(), {"-b", "-", vm.ssh_username + "@" + vm.ssh_host});
    const Outcome outcome = run_command(words, "put " + random_file("file", 1000) + " there\nls -l there\n");
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_THAT(outcome.out, testing::HasSubstr("1000"));
}

TEST_F(OpenSshTest, ALoginOnATerminalIsAnInteractiveLoginShell)
{
    const service::Vm vm = create();
    std::vector<std::string> words = client("ssh", vm);
    words.insert(words.end(), {"-tt", vm.ssh_username + "@" + vm.ssh_host});
    const Outcome outcome =
        run_command(words, "tty; [ -t 0 ] && shopt -q login_shell && echo login-$((40 + 2)); exit 3\n");
    EXPECT_EQ(outcome.exit_code, 3) << outcome.out << outcome.err;
    EXPECT_THAT(outcome.out, testing::HasSubstr("/dev/pts/0"));
    EXPECT_THAT(outcome.out, testing::HasSubstr("login-42"));
}

TEST_F(OpenSshTest, APortInsideCanBeForwarded)
{
    const service::Vm vm = create();
    std::vector<std::string> words = client("ssh", vm);
    // -W: the client's own input and output become the forwarded connection.
    const char* const serve =
        "python3 -c 'import socket; s = socket.socket(); s.bind((\"127.0.0.1\", 7001)); s.listen(); "
        "print(\"up\", flush=True); c = s.accept()[0]; c.send(b\"from inside\")' "
        "> up 2>&1 & while ! grep -q up up; do :; done";
    ASSERT_EQ(ssh(vm, {serve}).exit_code, 0);
    words.insert(words.end(), {"-W", "127.0.0.1:7001", vm.ssh_username + "@" + vm.ssh_host});
    EXPECT_EQ(run_command(words).out, "from inside");
}

TEST_F(OpenSshTest, TheClientsAgentIsNotLentToTheSandbox)
{
    const service::Vm vm = create();
    std::vector<std::string> words = client("ssh", vm);
    words.insert(words.begin(),
                 {"ssh-agent", "env", "sh", "-c", "test -S \"$SSH_AUTH_SOCK\" && exec \"$@\"", "sh"});
    words.insert(words.end(), {"-A", vm.ssh_username + "@" + vm.ssh_host, "echo agent=$SSH_AUTH_SOCK"});
    EXPECT_EQ(run_command(words).out, "agent=\n");
}

TEST_F(OpenSshTest, AnotherKeyIsRefused)
{
    const service::Vm vm = create();
    client_key_ = files_.path / "other_key";
    ASSERT_EQ(run_command({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", client_key_}).exit_code, 0);
    const Outcome outcome = ssh(vm, {"true"});
    EXPECT_EQ(outcome.exit_code, 255);
    EXPECT_THAT(outcome.err, testing::HasSubstr("Permission denied (publickey)"));
}

TEST_F(OpenSshTest, AKeyPutIntoTheBoundDirectoryWorksAtOnce)
{
    const service::Vm vm = create();
    client_key_ = files_.path / "second_key";
    ASSERT_EQ(run_command({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", client_key_}).exit_code, 0);
    const std::filesystem::path keys = directory(vm.name) / "etc/drukbox/ssh";
    std::ofstream{keys / "new"} << posix::read_file(AT_FDCWD, client_key_ + ".pub");
    std::filesystem::rename(keys / "new", keys / "authorized_keys");
    EXPECT_EQ(ssh(vm, {"true"}).exit_code, 0);
}

TEST_F(OpenSshTest, ManySessionsAtATimeWork)
{
    const service::Vm vm = create();
    std::vector<std::future<Outcome>> sessions;
    for (int i = 0; i < 20; ++i) {
        sessions.push_back(std::async(
            std::launch::async, [this, &vm, i] { return ssh(vm, {"cat; exit " + std::to_string(i)}, "x"); }));
    }
    for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(sessions[static_cast<std::size_t>(i)].get().exit_code, i);
    }
}

TEST_F(OpenSshTest, AFloodOfConnectionsThatNeverLogInKeepsNobodyOut)
{
    // Each takes two processes and some memory inside for as long as it lasts.
    settings_.pids = 512;
    settings_.memory_mb = 1024;
    restart_service();
    const service::Vm vm = create();
    std::future<Outcome> session = std::async(std::launch::async, [this, &vm] {
        return ssh(vm, {"touch /tmp/in; until test -e /tmp/flooded; do sleep 0.05; done; echo survived"});
    });
    // Who has logged in has said more than any of the flood: only then is it out of danger.
    while (ssh(vm, {"test -e /tmp/in"}).exit_code != 0) {
        ASSERT_EQ(session.wait_for(std::chrono::milliseconds{50}), std::future_status::timeout);
    }
    std::vector<posix::UniqueFd> flood;
    for (int i = 0; i < 300; ++i) {
        flood.push_back(connect_to(vm));
    }
    const Outcome outcome = ssh(vm, {"touch /tmp/flooded; echo in"});
    EXPECT_EQ(outcome.out, "in\n") << outcome.err;
    EXPECT_EQ(session.get().out, "survived\n");
    // At most 64 of those who may not have authenticated are kept.
    EXPECT_LE(process_tree(keeper_pid(vm.name)).size(), 2U * 70U);
}

} // namespace
} // namespace drukbox::test
