// An answer of an Exoscale that may send anything: which call it answers in one byte, and the body.
#include "fuzz/target.hpp"
#include "service/providers/exoscale/answers.hpp"
#include "service/remote/answer.hpp"

#include <boost/asio/ip/address_v4.hpp>

namespace drukbox::fuzz {
namespace {

using namespace drukbox::service;

void check(const std::string& id)
{
    require(!id.empty() && id.find_first_of("/?#% ") == std::string::npos, "an id can stand in a path");
}

void check(const exoscale::Instance& instance)
{
    check(instance.id);
    boost::system::error_code error;
    boost::asio::ip::make_address_v4(instance.public_ip, error);
    require(instance.public_ip.empty() || !error, "an address can stand in known_hosts");
}

void read(char call, std::string_view body)
{
    switch (call) {
    case 'i':
        check(exoscale::parse_instance(body));
        break;
    case 'l':
        for (const auto& instance : exoscale::parse_instances(body)) {
            check(instance);
        }
        break;
    case 'o':
        check(exoscale::parse_operation(body));
        break;
    case 't':
        if (const auto id = exoscale::parse_templates(body, "image")) {
            check(*id);
        }
        break;
    default:
        if (const auto id = exoscale::parse_instance_types(body, "standard.medium")) {
            check(*id);
        }
    }
}

} // namespace
} // namespace drukbox::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace drukbox;
    return fuzz::read_answer<service::ProviderError>(data, size, "exoscale ", fuzz::read);
}
