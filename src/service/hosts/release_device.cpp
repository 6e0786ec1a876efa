#include "service/hosts/release_device.hpp"

#include "service/store/host_table.hpp"

namespace drukbox::service {

boost::asio::awaitable<void> release_device(HostContext& context, const Host& host)
{
    if (context.network == nullptr || !host.tailscale_device_id) {
        co_return;
    }
    const auto id = host.id;
    co_await context.network->release(*host.tailscale_device_id);
    auto clear = [id, now = context.now()](Session& sql) { host_table::clear_device(sql, id, now); };
    co_await context.record("clear_device", std::move(clear));
}

} // namespace drukbox::service
