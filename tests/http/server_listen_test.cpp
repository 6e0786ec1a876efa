#include "http/server/server.hpp"
#include "posix/unique_fd.hpp"
#include "support/running_server.hpp"

#include <boost/system/system_error.hpp>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

namespace drukbox::http {
namespace {

using namespace std::chrono_literals;
using namespace test;
namespace asio = boost::asio;
namespace fs = std::filesystem;

constexpr const char* plain_get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

asio::awaitable<Response> hello(Exchange&)
{
    co_return Response(200, "text/plain", "hello");
}

class TemporaryDirectory
{
public:
    TemporaryDirectory()
    {
        std::string name = (fs::temp_directory_path() / "drukbox-listen-XXXXXX").string();
        path = ::mkdtemp(name.data());
    }

    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

    ~TemporaryDirectory() { fs::remove_all(path); }

    fs::path path;
};

std::string try_to_listen(const std::string& address)
{
    asio::io_context io;
    Server server(io.get_executor(), ServerOptions(), hello);
    return server.listen(address);
}

TEST(ServerListenTest, ReturnsTheAddressInForce)
{
    EXPECT_TRUE(try_to_listen("127.0.0.1:0").starts_with("http://127.0.0.1:"));
    EXPECT_FALSE(try_to_listen("127.0.0.1:0").ends_with(":0"));
    EXPECT_TRUE(try_to_listen("localhost:0").starts_with("http://"));
    EXPECT_TRUE(try_to_listen("[::1]:0").starts_with("http://[::1]:"));
}

TEST(ServerListenTest, RefusesMalformedAddresses)
{
    for (const char* address : {"", ":", "127.0.0.1", ":80", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:80x",
                                "127.0.0.1:65536", "127.0.0.1:-1", "::1:80", "[::1]", "[::1]80", "[]:80",
                                "999.0.0.1:80", "unix:", "unix:relative", "http://127.0.0.1:80"}) {
        EXPECT_THROW(try_to_listen(address), std::invalid_argument) << address;
    }
    EXPECT_THROW(try_to_listen("unix:/" + std::string(200, 'x')), std::invalid_argument);
}

TEST(ServerListenTest, AnAddressInUseIsAnError)
{
    RunningServer server(ServerOptions(), hello);
    try {
        try_to_listen("127.0.0.1:" + std::to_string(server.port()));
        FAIL();
    } catch (const boost::system::system_error& error) {
        EXPECT_EQ(error.code(), boost::system::errc::address_in_use);
    }
}

TEST(ServerListenTest, ServesAUnixSocketAndRemovesItAtTheEnd)
{
    const TemporaryDirectory directory;
    const auto path = directory.path / "socket";
    {
        RunningServer server(ServerOptions(), hello, "unix:" + path.string());
        EXPECT_EQ(server.address(), "unix:" + path.string());
        auto peer = Peer::connect_unix(path);
        peer.send(std::string(plain_get) + plain_get);
        EXPECT_TRUE(peer.read_message().ends_with("hello"));
        EXPECT_TRUE(peer.read_message().ends_with("hello"));
        EXPECT_EQ(server.stop(60s).wait_for(patience), std::future_status::ready);
        EXPECT_FALSE(fs::exists(path));
    }
}

/// Connects as a user who is not the server's and in no group of it; returns the error. Only for root.
int connect_as_stranger(const fs::path& path)
{
    constexpr uid_t nobody = 65534;
    int error = 0;
    // Of this thread alone, as the kernel has it.
    std::thread([&] {
        ::syscall(SYS_setgroups, 0, nullptr);
        ::syscall(SYS_setresgid, nobody, nobody, nobody);
        ::syscall(SYS_setresuid, nobody, nobody, nobody);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.string().copy(address.sun_path, sizeof address.sun_path - 1);
        const posix::UniqueFd fd{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
        error =
            ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ? 0 : errno;
    }).join();
    return error;
}

TEST(ServerListenTest, LetsOwnerAndGroupConnectWhateverTheUmask)
{
    const TemporaryDirectory directory;
    fs::permissions(directory.path, fs::perms(0755));
    const auto path = directory.path / "socket";
    for (const mode_t mask : {0000U, 0077U}) {
        const mode_t before = ::umask(mask);
        const RunningServer server(ServerOptions(), hello, "unix:" + path.string());
        ::umask(before);
        EXPECT_EQ(fs::status(path).permissions(), fs::perms(0660));
        if (::geteuid() == 0) {
            EXPECT_EQ(connect_as_stranger(path), EACCES);
        }
        auto peer = Peer::connect_unix(path);
        peer.send(plain_get);
        EXPECT_TRUE(peer.read_message().ends_with("hello"));
    }
    asio::io_context io;
    Server server(io.get_executor(), ServerOptions(), hello);
    server.listen("unix:" + path.string(), 0606);
    EXPECT_EQ(fs::status(path).permissions(), fs::perms(0606));
    if (::geteuid() == 0) {
        EXPECT_EQ(connect_as_stranger(path), 0);
    }
}

TEST(ServerListenTest, ReplacesASocketThatNobodyListensOn)
{
    const TemporaryDirectory directory;
    const auto path = (directory.path / "socket").string();
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    const int stale = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ASSERT_EQ(::bind(stale, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    ::close(stale);
    ASSERT_TRUE(fs::exists(path));
    EXPECT_EQ(try_to_listen("unix:" + path), "unix:" + path);
}

TEST(ServerListenTest, LeavesALiveSocketAndOtherFilesAlone)
{
    const TemporaryDirectory directory;
    const auto path = directory.path / "socket";
    RunningServer server(ServerOptions(), hello, "unix:" + path.string());
    EXPECT_THROW(try_to_listen("unix:" + path.string()), boost::system::system_error);
    auto peer = Peer::connect_unix(path);
    peer.send(plain_get);
    EXPECT_TRUE(peer.read_message().ends_with("hello"));

    const auto file = directory.path / "file";
    std::ofstream(file) << "content";
    EXPECT_THROW(try_to_listen("unix:" + file.string()), boost::system::system_error);
    EXPECT_TRUE(fs::exists(file));
}

TEST(ServerListenTest, DoesNotRemoveASocketThatAnotherHasPutInItsPlace)
{
    const TemporaryDirectory directory;
    const auto path = directory.path / "socket";
    RunningServer first(ServerOptions(), hello, "unix:" + path.string());
    fs::remove(path);
    RunningServer second(ServerOptions(), hello, "unix:" + path.string());
    EXPECT_EQ(first.stop(0ms).wait_for(patience), std::future_status::ready);
    EXPECT_TRUE(fs::exists(path));
}

TEST(ServerListenTest, ItsSocketsAreNotInherited)
{
    RunningServer server(ServerOptions(), hello);
    auto peer = server.connect();
    peer.send(plain_get);
    peer.read_message();
    int ours = 0;
    for (const auto& entry : fs::directory_iterator("/proc/self/fd")) {
        const int fd = std::stoi(entry.path().filename());
        sockaddr_in local{};
        socklen_t size = sizeof local;
        if (::getsockname(fd, reinterpret_cast<sockaddr*>(&local), &size) == 0 &&
            local.sin_family == AF_INET && local.sin_port == htons(server.port())) {
            ++ours;
            EXPECT_TRUE((::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
        }
    }
    EXPECT_EQ(ours, 2) << "the listening one and the accepted one";
}

} // namespace
} // namespace drukbox::http
