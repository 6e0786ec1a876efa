// A request of a client that may send anything: one byte that says in what pieces it comes in, and its bytes.
#include "fuzz/target.hpp"
#include "http/server/input_buffer.hpp"
#include "http/server/request_parser.hpp"
#include "posix/unique_fd.hpp"
#include "service/api/host_requests.hpp"
#include "service/api/proxy_requests.hpp"
#include "service/api/unprocessable.hpp"
#include "wire/requests/parameters.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <sys/socket.h>

namespace drukbox::fuzz {
namespace {

using Progress = http::RequestParser::Progress;

constexpr std::size_t max_header_bytes = 4096;
constexpr std::size_t max_body_bytes = 2048;

/// What the server makes of a request.
class Received
{
public:
    Received() = default;

    Progress header = Progress::incomplete;
    Progress body = Progress::incomplete;
    std::string method;
    std::string target;
    http::Headers headers;
    std::string content;
    std::size_t body_bytes = 0; ///< Of the body on the wire.
};

/// Feeds the bytes to the parser in pieces of `piece` through a socket, as the server does.
Received receive(std::string_view bytes, std::size_t piece)
{
    std::array<int, 2> ends{};
    require(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) == 0, "there are sockets");
    const posix::UniqueFd near{ends[0]};
    const posix::UniqueFd far{ends[1]};
    http::Channel channel{near.get()};
    std::vector<char> scratch(max_header_bytes + max_body_bytes);
    http::InputBuffer input{scratch};
    http::RequestParser parser{max_header_bytes, max_body_bytes};

    Received result;
    while (result.body == Progress::incomplete) {
        if (result.header == Progress::incomplete) {
            result.header = parser.read_header(input);
        }
        if (result.header == Progress::complete) {
            const auto before = input.bytes().size();
            result.body = parser.read_body(input);
            result.body_bytes += before - input.bytes().size();
        } else if (result.header != Progress::incomplete) {
            break;
        }
        if (result.body != Progress::incomplete || bytes.empty()) {
            break;
        }
        const auto next = bytes.substr(0, piece);
        require(::send(far.get(), next.data(), next.size(), MSG_DONTWAIT) ==
                    static_cast<ssize_t>(next.size()),
                "a piece fits");
        bytes.remove_prefix(next.size());
        input.receive(channel);
    }
    result.method = parser.method();
    result.target = parser.target();
    result.headers = parser.headers();
    result.content = parser.body();
    return result;
}

bool same_headers(const http::Headers& one, const http::Headers& other)
{
    return std::ranges::equal(one, other);
}

/// Findings are a 422 whose body is JSON and says something.
void check(const wire::Findings& findings)
{
    if (findings.empty()) {
        return;
    }
    const auto response = service::api::unprocessable(findings);
    require(response.status == 422, "findings are a 422");
    const auto detail = boost::json::parse(response.body).at("detail").as_array();
    require(!detail.empty(), "a 422 says what is wrong");
    for (const auto& finding : detail) {
        require(finding.as_object().size() == 3, "a finding has a type, a path and a message");
    }
}

template <class Read>
void read_with(const Read& read)
{
    wire::Findings findings;
    read(findings);
    check(findings);
}

} // namespace
} // namespace drukbox::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace drukbox;
    using namespace drukbox::fuzz;
    constexpr std::size_t largest = 8192;
    if (size < 2 || size > largest) {
        return -1;
    }
    const auto bytes = text_of(data, size).substr(1);
    const Received whole = receive(bytes, bytes.size());
    const Received split = receive(bytes, data[0] % 64 + 1U);
    require(whole.header == split.header, "the pieces of a header do not matter");
    if (whole.header != Progress::complete) {
        return 0;
    }
    require(whole.method == split.method && whole.target == split.target &&
                same_headers(whole.headers, split.headers),
            "a header reads the same in pieces");
    require(whole.target.starts_with('/'), "a target is a path");
    require(whole.body == split.body && whole.body_bytes == split.body_bytes,
            "the pieces of a body do not matter");
    require(whole.body_bytes <= max_body_bytes, "a body keeps to its limit with all that surrounds it");
    require(whole.content.size() <= whole.body_bytes, "what a body holds has come");
    if (whole.body != Progress::complete) {
        return 0;
    }
    require(whole.content == split.content, "a body reads the same in pieces");

    const service::Timestamp now{std::chrono::seconds{1'800'000'000}};
    const auto& headers = whole.headers;
    const auto& body = whole.content;
    read_with([&](auto& findings) { return wire::read_host_id(whole.target, findings); });
    read_with([&](auto& findings) { return wire::read_proxy_name(whole.target, findings); });
    read_with([&](auto& findings) {
        return service::api::read_create_host(headers, body, service::api::View::plain, now, findings);
    });
    read_with([&](auto& findings) { return wire::read_list_request(whole.target, findings); });
    read_with([&](auto& findings) { return service::api::read_renewal(headers, body, now, findings); });
    read_with([&](auto& findings) { return service::api::read_create_proxy(headers, body, findings); });
    return 0;
}
