// The server of script/bench-sdk: our own HTTP server, answering `GET /hosts` with the bytes of one file and
// `GET /hosts/…` with those of another.
//
//     sdk_bench_server HOSTS_FILE HOST_FILE
#include "http/server/server.hpp"

#include <boost/asio/io_context.hpp>

#include <cstdio>
#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>
#include <string>

namespace {

namespace asio = boost::asio;
using drukbox::http::Exchange;
using drukbox::http::Response;

std::string content_of(const char* path)
{
    std::ifstream file{path, std::ios::binary};
    std::string content{std::istreambuf_iterator<char>{file}, {}};
    if (content.empty()) {
        throw std::runtime_error(std::string{"cannot read "} + path);
    }
    return content;
}

} // namespace

int main(int argc, char** argv)
{
    try {
        if (argc != 3) {
            throw std::invalid_argument("usage: sdk_bench_server HOSTS_FILE HOST_FILE");
        }
        const std::string hosts = content_of(argv[1]);
        const std::string host = content_of(argv[2]);
        asio::io_context io{1};
        const auto handler = [&](Exchange& exchange) -> asio::awaitable<Response> {
            const bool all = exchange.target() == "/hosts";
            co_return Response(200, "application/json", all ? hosts : host);
        };
        drukbox::http::Server server{io.get_executor(), {}, handler};
        std::cout << "listening on " << server.listen("127.0.0.1:0") << std::endl;
        io.run();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "sdk_bench_server: %s\n", error.what());
        return 2;
    }
}
