// An answer of a Hetzner Cloud that may send anything: which call it answers in one byte, and the body.
#include "fuzz/target.hpp"
#include "service/providers/hetzner/answers.hpp"
#include "service/remote/answer.hpp"

#include <boost/asio/ip/address_v4.hpp>

namespace drukbox::fuzz {
namespace {

using namespace drukbox::service;

void check(const hetzner::Server& server)
{
    boost::system::error_code error;
    boost::asio::ip::make_address_v4(server.ipv4, error);
    require(server.ipv4.empty() || !error, "an address can stand in known_hosts");
}

void read(char call, std::string_view body)
{
    switch (call) {
    case 's':
        check(hetzner::parse_server(body));
        break;
    case 'l':
        for (const auto& server : hetzner::parse_servers(body).servers) {
            check(server);
        }
        break;
    case 't':
        static_cast<void>(hetzner::parse_total(body));
        break;
    case 'k':
        static_cast<void>(hetzner::parse_ssh_key(body));
        break;
    default:
        static_cast<void>(hetzner::parse_ssh_keys(body));
    }
}

} // namespace
} // namespace drukbox::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace drukbox;
    return fuzz::read_answer<service::ProviderError>(data, size, "hetzner ", fuzz::read);
}
