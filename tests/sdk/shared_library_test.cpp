#include <drukbox/drukbox.hpp>
#include <drukbox/litterbox/litterbox.hpp>
#include <drukbox/testing/testing.hpp>

#include <boost/asio.hpp>
#include <gtest/gtest.h>

#include <exception>
#include <future>
#include <string>
#include <typeinfo>
#include <vector>

// The library as a shared object that hides all but its public names, and a program on the other side of it:
// an error that is thrown there is caught here by its class.
namespace drukbox {
namespace {

using namespace std::chrono_literals;
using drukbox::testing::Answer;
using drukbox::testing::FakeService;

class SharedLibraryTest : public ::testing::Test
{
protected:
    template <class Error, class Base>
    void expect_caught(const Answer& answer)
    {
        service_.answer(answer);
        EXPECT_TRUE((is_caught<Error, Base>([this] { client_.delete_host("a"); })));
        service_.answer(answer);
        EXPECT_TRUE(
            (is_caught<Error, Base>([this] { api_.delete_host("a", boost::asio::use_future).get(); })));
    }

    template <class Error, class Base, class Action>
    bool is_caught(const Action& action)
    {
        const auto caught_as_base = [&action] {
            try {
                action();
            } catch (const Error&) {
                throw;
            }
        };
        try {
            caught_as_base();
        } catch (const Base& error) {
            errors_.push_back(std::current_exception());
            return typeid(error) == typeid(Error) && dynamic_cast<const Error*>(&error) != nullptr;
        }
        return false;
    }

    // Let go of once the client's thread has ended. Whether that one or this lets go last is counted inside
    // libstdc++, where ThreadSanitizer does not see it.
    std::vector<std::exception_ptr> errors_;
    FakeService service_;
    SandboxAPI api_{service_.config()};
    SandboxClient client_{api_};
};

TEST_F(SharedLibraryTest, EveryErrorIsCaughtByItsClassAndItsBases)
{
    expect_caught<SandboxAuthError, SandboxAPIError>(Answer::error(401, "a"));
    expect_caught<SandboxNotFoundError, SandboxAPIError>(Answer::error(404, "a"));
    expect_caught<SandboxConflictError, SandboxAPIError>(Answer::error(409, "a"));
    expect_caught<SandboxValidationError, SandboxAPIError>(Answer::error(422, "a"));
    expect_caught<SandboxProvisioningError, SandboxAPIError>(Answer::error(502, "a"));
    expect_caught<SandboxResponseError, SandboxAPIError>(Answer::error(500, "a"));
    expect_caught<SandboxUnavailableError, SandboxError>(Answer::error(503, "a"));
    expect_caught<SandboxUnavailableError, std::runtime_error>(Answer::drop());
    EXPECT_TRUE((is_caught<SandboxUsageError, SandboxError>([this] { client_.delete_host(""); })));
    EXPECT_TRUE((is_caught<SandboxUsageError, SandboxError>([] { SandboxClient{SandboxConfig{}}; })));
}

TEST_F(SharedLibraryTest, EveryOperationIsExported)
{
    const SandboxHost host = client_.create_host(CreateHostRequest{}.env("A", "b"));
    EXPECT_EQ(client_.get_host(host.id).id, host.id);
    EXPECT_EQ(client_.attach(host.id).id, host.id);
    EXPECT_EQ(client_.renew_host(host.id, Lease::until(std::chrono::system_clock::now() + 1h)).id, host.id);
    EXPECT_EQ(client_.list_hosts().size(), 1U);
    EXPECT_EQ(client_.create_http_proxy(CreateHTTPProxyRequest{"p", "https://a"}.header("A", "b")).name, "p");
    EXPECT_EQ(client_.attach_http_proxy("p", host.id).host_id, host.id);
    client_.detach_http_proxy("p", host.id);
    client_.delete_http_proxy("p");
    EXPECT_TRUE(client_.doctor().ok);
    client_.with_timeout(10s).delete_host(host.id);
    EXPECT_TRUE(api_.list_hosts(boost::asio::use_future).get().empty());
    client_.close();
}

TEST_F(SharedLibraryTest, LitterboxIsExported)
{
    const litterbox::SandboxAPI api{service_.url(), "test-token", litterbox::Behaviour::polling};
    const litterbox::SandboxClient client{api};
    service_.answer_always(Answer::error(503, "a"));
    EXPECT_TRUE((is_caught<SandboxResponseError, SandboxAPIError>([&] { (void)client.get_host("a"); })));
    EXPECT_TRUE((is_caught<SandboxResponseError, SandboxAPIError>(
        [&] { (void)api.list_hosts(boost::asio::use_future).get(); })));
    EXPECT_TRUE((is_caught<SandboxResponseError, SandboxAPIError>([&] { (void)client.create_host(); })));
    EXPECT_TRUE((is_caught<SandboxResponseError, SandboxAPIError>([&] { client.delete_host("a"); })));
}

} // namespace
} // namespace drukbox
