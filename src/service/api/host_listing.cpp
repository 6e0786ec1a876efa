#include "service/api/host_listing.hpp"

namespace drukbox::service::api {
namespace {

constexpr std::size_t batch = 256;

} // namespace

HostListing::HostListing(Lifecycle& hosts, View view, HostPage from)
    : hosts_(hosts)
    , view_(view)
    , page_(std::move(from))
{
    page_.limit = batch;
}

boost::asio::awaitable<std::string> HostListing::next()
{
    std::string piece;
    if (ended_) {
        co_return piece;
    }
    const auto hosts = co_await hosts_.list(page_);
    piece = !begun_ ? "[" : hosts.empty() ? "" : ",";
    append_records(piece, view_, hosts);
    begun_ = true;
    ended_ = hosts.size() < batch;
    if (ended_) {
        piece += ']';
    } else {
        page_.after = HostPosition{hosts.back()};
    }
    co_return piece;
}

void append_records(std::string& out, View view, const std::vector<Host>& hosts)
{
    for (std::size_t i = 0; i < hosts.size(); ++i) {
        if (i > 0) {
            out += ',';
        }
        append_record(out, view, hosts[i]);
    }
}

} // namespace drukbox::service::api
