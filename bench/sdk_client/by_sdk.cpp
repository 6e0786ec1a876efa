#include "sdk_client/measure.hpp"

#include <drukbox/drukbox.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <stdexcept>

namespace drukbox::bench {
namespace {

namespace asio = boost::asio;

void rethrow(std::exception_ptr failure)
{
    if (failure) {
        std::rethrow_exception(failure);
    }
}

void expect(bool whole)
{
    if (!whole) {
        throw std::runtime_error("an unexpected record");
    }
}

// One of the coroutines that keep `in_flight` requests under way.
asio::awaitable<void> keep_asking(SandboxAPI api, const Load& load, std::size_t& begun, Measured& measured)
{
    while (begun < load.total) {
        ++begun;
        const auto began = Clock::now();
        const SandboxHost host = co_await api.get_host(load.host_id);
        measured.each.push_back(Clock::now() - began);
        expect(host.id == load.host_id);
    }
}

template <class Ask>
Measured one_at_a_time(std::size_t total, const Ask& ask)
{
    Measured measured;
    measured.each.reserve(total);
    const auto start = Clock::now();
    for (std::size_t i = 0; i < total; ++i) {
        const auto began = Clock::now();
        ask();
        measured.each.push_back(Clock::now() - began);
    }
    measured.all = Clock::now() - start;
    return measured;
}

} // namespace

Measured get_by_sdk(const Load& load)
{
    Measured measured;
    measured.each.reserve(load.total);
    asio::io_context io{1};
    const SandboxAPI api{load.base_url, token};
    std::size_t begun = 0;
    const auto start = Clock::now();
    for (std::size_t i = 0; i < load.in_flight; ++i) {
        asio::co_spawn(io, keep_asking(api, load, begun, measured), rethrow);
    }
    io.run();
    measured.all = Clock::now() - start;
    return measured;
}

Measured get_by_blocking_sdk(const Load& load)
{
    const SandboxClient client{load.base_url, token};
    return one_at_a_time(load.total, [&] { expect(client.get_host(load.host_id).id == load.host_id); });
}

Measured list_by_sdk(const Load& load)
{
    const SandboxClient client{load.base_url, token};
    return one_at_a_time(load.total, [&] { expect(client.list_hosts().size() > 1); });
}

} // namespace drukbox::bench
