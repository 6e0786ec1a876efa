#include "service/store/host_access.hpp"

#include <utility>

namespace drukbox::service {
namespace {

// The database works on one batch while the next is sent or read. Renewals wait for the disk: with more of
// them under way few wait for a second turn of it, and the database writes their commits together.
constexpr std::size_t looks_at_once = 2;
constexpr std::size_t renewals_at_once = 6;
constexpr std::size_t most_in_a_batch = 256;

} // namespace

HostAccess::HostAccess(boost::asio::any_io_executor executor, Database& store)
    : store_(store)
    , looks_(executor, looks_at_once, most_in_a_batch,
             [&store](std::vector<HostId> ids) {
                 auto work = [ids = std::move(ids)](Session& sql) { return host_table::find_all(sql, ids); };
                 return store.read(std::move(work));
             })
    , renewals_(executor, renewals_at_once, most_in_a_batch,
                [&store](std::vector<host_table::Renewal> renewals) {
                    auto work = [renewals = std::move(renewals)](Session& sql) {
                        return host_table::renew_all(sql, renewals);
                    };
                    return store.write(std::move(work));
                })
{
}

boost::asio::awaitable<std::optional<Host>> HostAccess::find(HostId id)
{
    if (store_.kind() == DatabaseKind::postgresql) {
        co_return co_await looks_.ask(id);
    }
    auto look = [id](Session& sql) { return host_table::find(sql, id); };
    try {
        co_return store_.read_here(look);
    } catch (const StoreError&) {
        // Such as a file that somebody else has locked: there is time to wait on another thread.
    }
    co_return co_await store_.read(std::move(look));
}

boost::asio::awaitable<host_table::Renewed> HostAccess::renew(host_table::Renewal renewal)
{
    co_return co_await renewals_.ask(renewal);
}

} // namespace drukbox::service
