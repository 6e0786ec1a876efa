// An answer of a service of Amazon that may send anything: which call it answers in one byte, and the body.
#include "fuzz/target.hpp"
#include "service/providers/aws/answers.hpp"
#include "service/providers/aws/credentials/profile.hpp"
#include "service/providers/provider.hpp"

#include <algorithm>

namespace drukbox::fuzz {
namespace {

using namespace drukbox::service;

bool is_plain(const std::string& id)
{
    return std::ranges::all_of(id, [](char c) { return c > ' ' && c < 0x7f && c != '/' && c != '<'; });
}

void read(char call, std::string_view body)
{
    switch (call) {
    case 'l':
        require(is_plain(aws::parse_launched(body)), "an id is plain");
        break;
    case 'i':
        for (const auto& instance : aws::parse_instances(body).instances) {
            require(is_plain(instance.id) && is_plain(instance.public_ip), "ids and addresses are plain");
        }
        break;
    case 'v':
        static_cast<void>(aws::parse_vpc_id(body));
        break;
    case 'g':
        static_cast<void>(aws::parse_security_group(body));
        break;
    case 'c':
        require(is_plain(aws::parse_created_group(body)), "an id is plain");
        break;
    case 'w':
        static_cast<void>(aws::parse_identity(body));
        break;
    case 'p':
        static_cast<void>(aws::parse_parameter(body));
        break;
    case 'r':
        static_cast<void>(aws::parse_assumed_role(body, "AssumeRole"));
        break;
    case 'j':
        static_cast<void>(aws::parse_json_credentials(body));
        break;
    case 'a':
        require(is_plain(aws::parse_own_address(body)), "an address is plain");
        break;
    case 'd':
        aws::parse_done(body, "ImportKeyPair");
        break;
    case 'f':
        static_cast<void>(aws::parse_profiles(body.substr(0, body.size() / 2), body.substr(body.size() / 2)));
        break;
    default:
        static_cast<void>(aws::parse_failure(body));
    }
}

} // namespace
} // namespace drukbox::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace drukbox;
    return fuzz::read_answer<service::ProviderError>(data, size, "aws ", fuzz::read);
}
