#include "sdk/end_of.hpp"
#include "sdk/sample.hpp"
#include "support/eventually.hpp"
#include "support/scripted_server.hpp"

#include <drukbox/drukbox.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <string>
#include <utility>
#include <vector>

// Every point at which a call can fail, in turn: the class of its error, the connections that are left, what
// the service got, and whether the client works on.
namespace drukbox::sdk {
namespace {

using namespace std::chrono_literals;
using namespace drukbox::test;

/// What a peer does with the call under test.
class Failure
{
public:
    const char* name;
    /// Plays on the connection, once the request was read; nothing: before a byte of it was read.
    std::function<void(Peer&)> play;
    Expected get;
    Expected post;
    Expected remove;
    bool before_request = false;
    bool stalls = false; ///< So that the call times out.
    bool keeps = false;  ///< The connection stays open, for the next call.
    bool large = false;  ///< A create whose body does not fit into the buffers on the way.
};

void PrintTo(const Failure& failure, std::ostream* out)
{
    *out << failure.name;
}

Failure all(const char* name, Expected expected, std::function<void(Peer&)> play)
{
    return {name, std::move(play), expected, expected, expected};
}

std::function<void(Peer&)> says(std::string bytes)
{
    return [bytes = std::move(bytes)](Peer& peer) { peer.send(bytes); };
}

std::function<void(Peer&)> says_and_resets(std::string bytes)
{
    return [bytes = std::move(bytes)](Peer& peer) {
        peer.send(bytes);
        peer.reset();
    };
}

/// A whole answer, on a connection that may be used again.
Failure whole(const char* name, Expected of_get_and_post, Expected of_delete, std::string bytes)
{
    Failure failure = all(name, of_get_and_post, says(std::move(bytes)));
    failure.remove = of_delete;
    failure.keeps = true;
    return failure;
}

Failure stalled(const char* name, std::string bytes)
{
    Failure failure = all(name, Expected::unavailable, [bytes = std::move(bytes)](Peer& peer) {
        peer.send(bytes);
        peer.wait_closed();
    });
    failure.stalls = true;
    return failure;
}

Failure before_request(Failure failure)
{
    failure.before_request = true;
    return failure;
}

Failure while_sending(Failure failure)
{
    failure.before_request = true;
    failure.large = true;
    return failure;
}

/// Reads nothing, until the call has failed.
Failure stalls_unread()
{
    Failure failure = all("while sending", Expected::unavailable, says(""));
    failure.stalls = true;
    return failure;
}

std::string answer(std::string_view status, std::string_view type, std::string_view body)
{
    return "HTTP/1.1 " + std::string{status} + "\r\nContent-Type: " + std::string{type} +
           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string{body};
}

std::string json_answer(std::string_view body)
{
    return answer("200 OK", "application/json", body);
}

/// A host's record, and an attachment's and a proxy's as well.
const std::string record = R"({"host_id":")" + host_id + R"(",)" + sample_json().substr(1);

/// A service that fails one call as it is told and answers all others well.
class FailingOnce
{
public:
    explicit FailingOnce(const Failure& failure)
        : failure_(failure)
        , server_([this](Peer& peer) { serve(peer); })
    {
    }

    [[nodiscard]] std::string url() const
    {
        const std::string with_slash = server_.url();
        return with_slash.substr(0, with_slash.size() - 1);
    }

    void arm() { armed_ = true; }

    /// The call has failed; nobody need stall any longer.
    void disarm()
    {
        over_ = true;
        armed_ = false;
    }

    [[nodiscard]] std::size_t failed() const { return failed_; }

    [[nodiscard]] std::size_t open() const { return server_.open(); }

private:
    void serve(Peer& peer)
    {
        if (failure_.before_request && armed_.exchange(false)) {
            ++failed_;
            failure_.play(peer);
            static_cast<void>(eventually([this] { return over_ || !failure_.stalls; }));
            return;
        }
        for (;;) {
            const std::string request = peer.read_message();
            if (armed_.exchange(false)) {
                ++failed_;
                failure_.play(peer);
                if (!failure_.keeps) {
                    return;
                }
            } else if (request.find("marked") != std::string::npos) {
                ++failed_; // the call under test, once more
                return;
            } else {
                peer.send(json_answer(record));
            }
        }
    }

    const Failure failure_;
    std::atomic<bool> armed_ = false;
    std::atomic<bool> over_ = false;
    std::atomic<std::size_t> failed_ = 0;
    ScriptedServer server_;
};

class FailurePointTest : public ::testing::TestWithParam<Failure>
{
protected:
    [[nodiscard]] SandboxClient client_of(const FailingOnce& service) const
    {
        return SandboxClient{service.url(), "t"};
    }

    // Runs `call`, which is to fail in the way of the test, on a client that has an idle connection where a
    // call would take it: the trap for what must not be sent twice.
    template <class Call>
    void expect_end(Expected expected, const Call& call, bool warm)
    {
        FailingOnce service{GetParam()};
        {
            const SandboxClient client = client_of(service);
            if (warm) {
                ASSERT_EQ(client.get_host("warm-up"), sample_host());
            }
            service.arm();
            const SandboxClient hasty = client.with_timeout(GetParam().stalls ? 100ms : 20'000ms);
            EXPECT_EQ(end_of([&] { call(hasty); }), expected);
            service.disarm();
            // A short timeout may be over before the service has seen the call at all.
            EXPECT_TRUE(service.failed() == 1 || GetParam().stalls) << "not sent";
            EXPECT_LE(service.failed(), 1U) << "sent twice";
            EXPECT_EQ(client.get_host("afterwards"), sample_host()) << "the client works on";
            EXPECT_TRUE(eventually([&] { return service.open() <= 2; }));
        }
        EXPECT_TRUE(eventually([&] { return service.open() == 0; })) << "a connection is left";
    }
};

TEST_P(FailurePointTest, OfAGet)
{
    expect_end(GetParam().get, [](const SandboxClient& client) { (void)client.get_host("marked"); }, false);
}

TEST_P(FailurePointTest, OfACreate)
{
    auto request = CreateHostRequest{}.env("NAME", "marked");
    if (GetParam().large) {
        request.env("LARGE", std::string(16U << 20U, 'x'));
    }
    expect_end(GetParam().post, [&](const SandboxClient& client) { client.create_host(request); }, true);
}

TEST_P(FailurePointTest, OfARenewal)
{
    expect_end(GetParam().post, [](const SandboxClient& client) { client.renew_host("marked"); }, true);
}

TEST_P(FailurePointTest, OfACreateOfAProxy)
{
    const CreateHTTPProxyRequest request{"marked", "https://a"};
    expect_end(
        GetParam().post, [&](const SandboxClient& client) { client.create_http_proxy(request); }, true);
}

TEST_P(FailurePointTest, OfAnAttachment)
{
    expect_end(
        GetParam().post, [](const SandboxClient& client) { client.attach_http_proxy("a", "marked"); }, true);
}

TEST_P(FailurePointTest, OfADelete)
{
    expect_end(GetParam().remove, [](const SandboxClient& client) { client.delete_host("marked"); }, true);
}

constexpr auto unavailable = Expected::unavailable;
constexpr auto response = Expected::response;
constexpr auto success = Expected::success;

INSTANTIATE_TEST_SUITE_P(
    CutOff, FailurePointTest,
    ::testing::Values(
        before_request(all("as soon as connected", unavailable, says_and_resets(""))),
        while_sending(all("while sending", unavailable,
                          [](Peer& peer) {
                              peer.read(40);
                              peer.reset();
                          })),
        all("before the answer", unavailable, says("")),
        all("by a reset before the answer", unavailable, says_and_resets("")),
        all("in the status line", unavailable, says("HTTP/1.1 20")),
        all("in the header", unavailable, says("HTTP/1.1 200 OK\r\nContent-Le")),
        all("before the header's end", unavailable, says("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n")),
        all("after an interim answer", unavailable, says("HTTP/1.1 100 Continue\r\n\r\n")),
        all("before the body", unavailable, says("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n")),
        all("in the body", unavailable,
            says(json_answer(record).substr(0, json_answer(record).size() / 2 + 60))),
        all("by a reset in the body", unavailable, says_and_resets(json_answer(record).substr(0, 300))),
        all("in a chunk", unavailable,
            says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n900\r\n{\"id\"")),
        all("before the last chunk", unavailable,
            says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n")),
        all("by what is no HTTP", unavailable, says("SSH-2.0-OpenSSH_9.2\r\n"))));

INSTANTIATE_TEST_SUITE_P(
    TimedOut, FailurePointTest,
    ::testing::Values(while_sending(stalls_unread()), stalled("before the answer", ""),
                      stalled("in the status line", "HTTP/1.1 20"),
                      stalled("in the header", "HTTP/1.1 200 OK\r\nContent-Le"),
                      stalled("before the body", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"),
                      stalled("in the body", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"),
                      stalled("in a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{")));

INSTANTIATE_TEST_SUITE_P(
    NoRecord, FailurePointTest,
    ::testing::Values(
        whole("a page", response, response, answer("200 OK", "text/html", "<html>hello</html>")),
        whole("a page that says it is JSON", response, response, json_answer("<html>hello</html>")),
        whole("a record that says it is text", success, success, answer("200 OK", "text/plain", record)),
        whole("nothing", response, response, json_answer("")),
        whole("half a record", response, response, json_answer(record.substr(0, record.size() / 2))),
        whole("more than a record", response, response, json_answer(record + record)),
        whole("bytes that are no UTF-8", response, response, json_answer("{\"id\":\"\xff\"}")),
        whole("an array", response, success, json_answer("[]")),
        whole("an empty object", response, success, json_answer("{}")),
        whole("null", response, success, json_answer("null")),
        whole("204", response, success, "HTTP/1.1 204 No Content\r\n\r\n"),
        whole("204 with a body", response, success,
              "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello"),
        whole("204 with a whole answer behind", response, success,
              "HTTP/1.1 204 No Content\r\n\r\n" + json_answer("{}")),
        all("an endless header", response, [](Peer& peer) {
            const std::string line = "A: " + std::string(1000, 'x') + "\r\n";
            for (bool taken = peer.try_send("HTTP/1.1 200 OK\r\n"); taken;) {
                taken = peer.try_send(line);
            }
        })));

/// An answer that asks for the request to be sent once more.
Failure again(const char* name, std::string_view status, std::string header = "")
{
    return whole(name, response, response,
                 "HTTP/1.1 " + std::string{status} + "\r\n" + header + "Content-Length: 2\r\n\r\n{}");
}

INSTANTIATE_TEST_SUITE_P(
    AskedAgain, FailurePointTest,
    ::testing::Values(
        again("by a redirect", "307 Temporary Redirect", "Location: /hosts/marked\r\n"),
        again("for the proxy's password", "407 Proxy Authentication Required",
              "Proxy-Authenticate: Basic realm=\"a\"\r\n"),
        again("since it took too long", "408 Request Timeout"),
        all("since it took too long, on another connection", response,
            says("HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}")),
        again("without expectations", "417 Expectation Failed"),
        again("on another connection", "421 Misdirected Request"), again("later", "425 Too Early"),
        again("more seldom", "429 Too Many Requests", "Retry-After: 0\r\n")));

/// What becomes of a connection while it is idle.
class Fate
{
public:
    const char* name;
    std::function<void(Peer&)> play;
};

void PrintTo(const Fate& fate, std::ostream* out)
{
    *out << fate.name;
}

class IdleConnectionTest : public ::testing::TestWithParam<Fate>
{
protected:
    /// Expects that `call` is sent once, and answered.
    template <class Call>
    void expect_sent_once(const Call& call)
    {
        std::atomic<bool> played = false;
        std::atomic<std::size_t> received = 0;
        std::atomic<bool> warm = false;
        ScriptedServer server{[&](Peer& peer) {
            if (!warm.exchange(true)) {
                peer.read_message();
                peer.send(json_answer(record));
                GetParam().play(peer);
                played = true;
                peer.read_message(); // if it comes
                ++received;
                return;
            }
            for (;;) {
                peer.read_message();
                ++received;
                peer.send(json_answer(record));
            }
        }};
        {
            const SandboxClient client{server.url(), "t"};
            ASSERT_EQ(client.get_host("a"), sample_host());
            ASSERT_TRUE(eventually([&] { return played.load(); }));
            EXPECT_EQ(end_of([&] { call(client); }), Expected::success);
            EXPECT_EQ(received, 1U);
        }
        EXPECT_TRUE(eventually([&] { return server.open() == 0; })) << "a connection is left";
    }
};

TEST_P(IdleConnectionTest, CarriesNoPost)
{
    expect_sent_once([](const SandboxClient& client) { client.create_host(); });
    expect_sent_once([](const SandboxClient& client) { client.renew_host("a"); });
    expect_sent_once([](const SandboxClient& client) {
        client.create_http_proxy(CreateHTTPProxyRequest{"a", "https://a"});
    });
    expect_sent_once([](const SandboxClient& client) { client.attach_http_proxy("a", "a"); });
}

TEST_P(IdleConnectionTest, CarriesNoDelete)
{
    expect_sent_once([](const SandboxClient& client) { client.delete_host("a"); });
    expect_sent_once([](const SandboxClient& client) { client.delete_http_proxy("a"); });
    expect_sent_once([](const SandboxClient& client) { client.detach_http_proxy("a", "a"); });
}

INSTANTIATE_TEST_SUITE_P(
    Fates, IdleConnectionTest,
    ::testing::Values(Fate{"stays as it is", says("")}, //
                      Fate{"is closed", [](Peer& peer) { peer.finish(); }},
                      Fate{"is reset", [](Peer& peer) { peer.reset(); }},
                      Fate{"is closed for a time-out",
                           [](Peer& peer) {
                               peer.send(answer("408 Request Timeout", "text/plain", "too slow"));
                               peer.finish();
                           }},
                      Fate{"gets an answer to nothing", says(json_answer(sample_json()))}));

} // namespace
} // namespace drukbox::sdk
