#include "http/client/client.hpp"
#include "support/scripted_server.hpp"
#include "support/send.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>
#include <vector>

namespace drukbox::http {
namespace {

using namespace test;
using testing::HasSubstr;
using testing::Not;

/// The same request each time but for its signature.
Request request_to(const ScriptedServer& server, bool sign)
{
    Request request("POST", server.url());
    request.headers.add("Content-Type", "text/plain");
    request.body = "x";
    if (sign) {
        AwsSignature signature;
        signature.region = "eu-central-1";
        signature.service = "ec2";
        signature.access_key = "AKIA";
        signature.secret_key = "s3cret";
        request.aws_signature = std::move(signature);
    }
    return request;
}

TEST(ClientSignatureTest, SignsWhatIsSentAndOnlyWhatAsksForIt)
{
    std::mutex mutex;
    std::vector<std::string> seen;
    ScriptedServer server{[&](Peer& peer) {
        for (;;) {
            auto message = peer.read_message();
            {
                const std::lock_guard lock(mutex);
                seen.push_back(std::move(message));
            }
            peer.send(http_answer(""));
        }
    }};
    Client client{ClientOptions()};
    for (const bool sign : {false, true, false, true}) {
        EXPECT_EQ(send(client, request_to(server, sign)).get().response.status, 200U);
    }
    const std::lock_guard lock(mutex);
    ASSERT_EQ(seen.size(), 4U);
    for (const std::size_t i : {0U, 2U}) {
        EXPECT_THAT(seen[i], Not(HasSubstr("Authorization")));
        EXPECT_THAT(seen[i], Not(HasSubstr("X-Amz-Date")));
    }
    for (const std::size_t i : {1U, 3U}) {
        EXPECT_THAT(seen[i], HasSubstr("Authorization: AWS4-HMAC-SHA256 Credential=AKIA/"));
        EXPECT_THAT(seen[i], HasSubstr("/eu-central-1/ec2/aws4_request, "
                                       "SignedHeaders=content-type;host;x-amz-date, Signature="));
        EXPECT_THAT(seen[i], Not(HasSubstr("s3cret")));
    }
}

} // namespace
} // namespace drukbox::http
