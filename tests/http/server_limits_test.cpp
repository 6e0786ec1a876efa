#include "http/server/server.hpp"
#include "support/running_server.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <ctime>
#include <filesystem>
#include <random>
#include <vector>

#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

namespace drukbox::http {
namespace {

using namespace std::chrono_literals;
using namespace test;
namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

// What the sanitizers add to every allocation says nothing about ours.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitized = true;
#elif defined(__has_feature)
constexpr bool sanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool sanitized = false;
#endif

constexpr const char* plain_get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

asio::awaitable<Response> read_and_greet(Exchange& exchange)
{
    co_await exchange.read_body();
    co_return Response(200, "text/plain", "hello");
}

std::string status_of(const std::string& answer)
{
    return answer.substr(0, 12);
}

TEST(ServerLimitsTest, RefusesWhatIsNotHttp)
{
    RunningServer server(ServerOptions(), read_and_greet);
    for (const std::string request : {
             "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
             "GET\r\n\r\n",
             "GET / HTTP/2.0\r\nHost: x\r\n\r\n",
             "GET / FTP/1.1\r\nHost: x\r\n\r\n",
             "GET  / HTTP/1.1\r\nHost: x\r\n\r\n",
             "GET /\x01 HTTP/1.1\r\nHost: x\r\n\r\n",
             "G(T / HTTP/1.1\r\nHost: x\r\n\r\n",
             "GET / HTTP/1.1\nHost: x\n\n\r\n\r\n",
             "GET / HTTP/1.1\r\nHost : x\r\n\r\n",
             "GET / HTTP/1.1\r\nHost: x\r\nX: a\x01\r\n\r\n",
             "GET / HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n",
             "GET hosts HTTP/1.1\r\nHost: x\r\n\r\n",
             "GET http://x/ HTTP/1.1\r\nHost: x\r\n\r\n",
             "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
             "CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n",
         }) {
        auto peer = server.connect();
        peer.send(request);
        EXPECT_EQ(status_of(peer.read_to_end()), "HTTP/1.1 400") << request;
    }
}

TEST(ServerLimitsTest, RefusesRequestsWhoseEndIsAMatterOfOpinion)
{
    RunningServer server(ServerOptions(), read_and_greet);
    for (const std::string fields : {
             "Content-Length: 3\r\nContent-Length: 4",
             "Content-Length: 3\r\nTransfer-Encoding: chunked",
             "Transfer-Encoding: chunked\r\nContent-Length: 3",
             "Content-Length: -1",
             "Content-Length: 0x3",
             "Content-Length: 99999999999999999999",
             "Transfer-Encoding: gzip",
             "Transfer-Encoding: gzip, chunked",
             "Transfer-Encoding: chunked, gzip",
             "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
             "Host: y",
             "Content-Length:\r\n 3",
             "Content-Length: 3\r\n ",
             "Transfer-Encoding:\r\n\tchunked",
             "X: y\r\n Transfer-Encoding: chunked",
         }) {
        auto peer = server.connect();
        peer.send("POST / HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n\r\nabc");
        EXPECT_EQ(status_of(peer.read_to_end()), "HTTP/1.1 400") << fields;
    }
    for (const std::string request :
         {"GET / HTTP/1.1\r\n\r\n", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"}) {
        auto peer = server.connect();
        peer.send(request);
        EXPECT_EQ(status_of(peer.read_to_end()), "HTTP/1.1 400") << request;
    }
}

TEST(ServerLimitsTest, RefusesMalformedChunks)
{
    RunningServer server(ServerOptions(), read_and_greet);
    for (const std::string body :
         {"x\r\n", "-1\r\n\r\n", "3\r\nabcd\r\n", "fffffffffffffffff\r\n", "3;\x01\r\nabc\r\n"}) {
        auto peer = server.connect();
        peer.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + body + "\r\n\r\n");
        EXPECT_EQ(status_of(peer.read_to_end()), "HTTP/1.1 400") << body;
    }
}

TEST(ServerLimitsTest, AQuoteInAChunkExtensionSwallowsNoRequest)
{
    RunningServer server(ServerOptions(), read_and_greet);
    auto peer = server.connect();
    peer.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5;a=\"\r\nhello\r\n0\r\n\r\n" +
              std::string(plain_get));
    EXPECT_EQ(status_of(peer.read_to_end()), "HTTP/1.1 400");
}

TEST(ServerLimitsTest, SurvivesGarbage)
{
    RunningServer server(ServerOptions(), read_and_greet);
    std::mt19937 random(42);
    const std::string alphabet = "GET /:HTP1.\r\n\r\n \t,;0aF\x7f\xff";
    for (int i = 0; i < 300; ++i) {
        std::string garbage =
            i % 3 == 0 ? "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" : "";
        for (auto length = random() % 200; length > 0; --length) {
            garbage += alphabet[random() % alphabet.size()];
        }
        auto peer = server.connect();
        peer.try_send(garbage);
        peer.finish();
        peer.read_to_end();
    }
    auto peer = server.connect();
    peer.send(plain_get);
    EXPECT_EQ(status_of(peer.read_message()), "HTTP/1.1 200");
}

TEST(ServerLimitsTest, AHeaderBeyondTheLimitIsRefusedAndTheAnswerCanBeRead)
{
    ServerOptions options;
    options.max_header_bytes = 1000;
    RunningServer server(options, read_and_greet);
    const std::string start = "GET / HTTP/1.1\r\nHost: x\r\nX-Fill: ";
    auto fits = server.connect();
    fits.send(start + std::string(900, 'x') + "\r\n\r\n");
    EXPECT_EQ(status_of(fits.read_message()), "HTTP/1.1 200");

    for (const auto& request : {start + std::string(1001, 'x') + "\r\n\r\n",
                                start + std::string(4U << 20U, 'x'), "GET /" + std::string(2000, 'x')}) {
        auto peer = server.connect();
        peer.send(request);
        EXPECT_EQ(status_of(peer.read_to_end()), "HTTP/1.1 431");
    }
}

TEST(ServerLimitsTest, AHeaderThatComesFieldByFieldKeepsToTheLimit)
{
    ServerOptions options;
    options.max_header_bytes = 1000;
    RunningServer server(options, read_and_greet);
    for (const auto& [start, more] :
         {std::pair("GET / HTTP/1.1\r\nHost: x\r\n", "X-Fill: x\r\n"), std::pair("", "\r\n")}) {
        auto peer = server.connect();
        peer.send(start);
        for (int i = 0; i < 600 && peer.try_send(more); ++i) {
        }
        EXPECT_EQ(status_of(peer.read_to_end()), "HTTP/1.1 431") << more;
    }
}

TEST(ServerLimitsTest, AnAnnouncedBodyBeyondTheLimitIsRefusedBeforeItComes)
{
    ServerOptions options;
    options.max_body_bytes = 1000;
    RunningServer server(options, read_and_greet);
    for (const char* expect : {"", "Expect: 100-continue\r\n"}) {
        auto peer = server.connect();
        peer.send("POST / HTTP/1.1\r\nHost: x\r\n" + std::string(expect) + "Content-Length: 1001\r\n\r\n");
        EXPECT_EQ(status_of(peer.read_to_end()), "HTTP/1.1 413");
    }
    auto fits = server.connect();
    fits.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n" + std::string(1000, 'x'));
    EXPECT_EQ(status_of(fits.read_message()), "HTTP/1.1 200");
}

TEST(ServerLimitsTest, AChunkedBodyBeyondTheLimitIsRefused)
{
    ServerOptions options;
    options.max_body_bytes = 1000;
    RunningServer server(options, read_and_greet);
    auto peer = server.connect();
    peer.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 11; ++i) {
        peer.try_send("64\r\n" + std::string(100, 'x') + "\r\n");
    }
    EXPECT_EQ(status_of(peer.read_to_end()), "HTTP/1.1 413");
}

TEST(ServerLimitsTest, WhatSurroundsChunksCountsAsTheBody)
{
    ServerOptions options;
    options.max_body_bytes = 1000;
    RunningServer server(options, read_and_greet);
    const std::string extension = "1;" + std::string(200, 'x') + "\r\na\r\n";
    for (const auto& [start, more] :
         {std::pair(std::string("0\r\n"), std::string("Trailer: t\r\n")), std::pair(std::string(), extension),
          std::pair(std::string("1;"), std::string("x"))}) {
        auto peer = server.connect();
        peer.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + start);
        for (int i = 0; i < 2000 && peer.try_send(more); ++i) {
        }
        EXPECT_EQ(status_of(peer.read_to_end()), "HTTP/1.1 413") << more;
    }
}

TEST(ServerLimitsTest, AClientThatSendsAHugeBodyCanStillReadTheRefusal)
{
    RunningServer server(ServerOptions(), [](Exchange& exchange) -> asio::awaitable<Response> {
        if (exchange.target() == "/unauthorised") {
            co_return Response(401);
        }
        co_await exchange.read_body();
        co_return Response(200);
    });
    constexpr std::size_t size = 32U << 20U;
    for (const auto& [target, status] :
         {std::pair("/", "HTTP/1.1 413"), std::pair("/unauthorised", "HTTP/1.1 401")}) {
        auto peer = server.connect();
        peer.send("POST " + std::string(target) +
                  " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n");
        peer.send(std::string(size, 'x')); // all of it before it reads a byte
        EXPECT_EQ(status_of(peer.read_to_end()), status);
    }
}

TEST(ServerLimitsTest, LingersForABoundedTime)
{
    ServerOptions options;
    options.linger = 100ms;
    RunningServer server(options, read_and_greet);
    auto peer = server.connect();
    peer.send("nonsense\r\n\r\n");
    EXPECT_EQ(status_of(peer.read_to_end()), "HTTP/1.1 400");
    EXPECT_TRUE(eventually([&] { return !peer.try_send("x"); }));
}

TEST(ServerLimitsTest, ASlowHeaderIsTimedOutHoweverItTrickles)
{
    ServerOptions options;
    options.request_deadline = 150ms;
    RunningServer server(options, read_and_greet);
    auto peer = server.connect();
    std::thread trickle([&] {
        for (int i = 0; i < 2000 && peer.try_send(i == 0 ? "GET / HTTP/1.1\r\nX: " : "x"); ++i) {
            std::this_thread::sleep_for(5ms);
        }
    });
    EXPECT_EQ(status_of(peer.read_to_end()), "HTTP/1.1 408");
    peer.interrupt();
    trickle.join();
}

TEST(ServerLimitsTest, ASlowBodyIsTimedOut)
{
    ServerOptions options;
    options.request_deadline = 100ms;
    RunningServer server(options, read_and_greet);
    auto peer = server.connect();
    peer.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nabc");
    EXPECT_EQ(status_of(peer.read_to_end()), "HTTP/1.1 408");
}

TEST(ServerLimitsTest, TheHandlersOwnTimeIsNotTheRequests)
{
    ServerOptions options;
    options.request_deadline = 40ms;
    options.idle_timeout = 40ms;
    options.write_deadline = 40ms;
    RunningServer server(options, [](Exchange& exchange) -> asio::awaitable<Response> {
        co_await exchange.read_body();
        const auto end = Clock::now() + 200ms;
        co_await until([&] { return Clock::now() > end; });
        co_return Response(200);
    });
    auto peer = server.connect();
    peer.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx");
    EXPECT_EQ(status_of(peer.read_message()), "HTTP/1.1 200");
}

TEST(ServerLimitsTest, AnIdleConnectionIsClosedWithoutAWord)
{
    ServerOptions options;
    options.idle_timeout = 100ms;
    RunningServer server(options, read_and_greet);
    auto unused = server.connect();
    auto used = server.connect();
    used.send(plain_get);
    EXPECT_EQ(status_of(used.read_message()), "HTTP/1.1 200");
    EXPECT_EQ(unused.read_to_end(), "");
    EXPECT_EQ(used.read_to_end(), "");
}

TEST(ServerLimitsTest, AnAnswerThatNobodyReadsEndsTheConnection)
{
    ServerOptions options;
    options.write_deadline = 100ms;
    const std::string large(64U << 20U, 'x');
    RunningServer server(options, [&](Exchange&) -> asio::awaitable<Response> {
        co_return Response(200, "text/plain", large);
    });
    auto peer = server.connect();
    peer.send(plain_get);
    EXPECT_TRUE(eventually([&] { return !peer.try_send("x"); })) << "the server has closed";
}

TEST(ServerLimitsTest, RunningOutOfDescriptorsNeitherStopsTheServerNorMakesItSpin)
{
    RunningServer server(ServerOptions(), read_and_greet);
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    auto peer = Peer(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    rlimit none_left = before;
    none_left.rlim_cur = static_cast<rlim_t>(peer.fd());
    const int lowest_free = ::dup(peer.fd());
    ::close(lowest_free);
    none_left.rlim_cur = static_cast<rlim_t>(lowest_free);
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none_left), 0);

    peer.connect_to(server.port());
    peer.send(plain_get);
    const auto cpu = std::clock();
    EXPECT_TRUE(throughout(300ms, [&] {
        char byte = 0;
        return ::recv(peer.fd(), &byte, 1, MSG_DONTWAIT | MSG_PEEK) < 0;
    }));
    const auto busy = static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC;
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);

    EXPECT_LT(busy, 0.2);
    EXPECT_EQ(status_of(peer.read_message()), "HTTP/1.1 200");
}

TEST(ServerLimitsTest, ManyIdleConnectionsCostLittle)
{
    rlimit limit{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
    const rlim_t before = limit.rlim_cur;
    limit.rlim_cur = limit.rlim_max;
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
    const std::size_t count = std::min<std::size_t>(10'000, (limit.rlim_cur - 200) / 2);
    const auto resident = [] {
        std::size_t total = 0;
        std::size_t pages = 0;
        std::FILE* file = std::fopen("/proc/self/statm", "re");
        EXPECT_EQ(std::fscanf(file, "%zu %zu", &total, &pages), 2);
        std::fclose(file);
        return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    };
    {
        ServerOptions options;
        options.max_connections = count;
        RunningServer server(options, read_and_greet);
        std::vector<Peer> peers;
        std::string request = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4000\r\n\r\n";
        request.resize(request.size() + 4000, 'x');
        peers.reserve(count);
        const auto start = resident();
        for (std::size_t i = 0; i < count; ++i) {
            peers.push_back(server.connect());
            peers.back().send(request);
            ASSERT_EQ(status_of(peers.back().read_message()), "HTTP/1.1 200");
        }
        const auto each = (resident() - start) / count;
        RecordProperty("bytes_per_connection", std::to_string(each));
        if (!sanitized) {
            EXPECT_LT(each, 4096U);
        }
        peers.front().send(plain_get);
        EXPECT_EQ(status_of(peers.front().read_message()), "HTTP/1.1 200");
    }
    limit.rlim_cur = before;
    EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
}

} // namespace
} // namespace drukbox::http
