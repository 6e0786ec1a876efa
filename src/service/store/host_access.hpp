#pragma once

#include "service/records/host.hpp"
#include "service/runtime/batcher.hpp"
#include "service/store/database.hpp"
#include "service/store/host_table.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <optional>

namespace drukbox::service {

/// What callers do to one host thousands of times a second: look at it, and move its lease. On PostgreSQL
/// those who wait at the same moment share a statement, and so its round trip and its commit. On SQLite a
/// look is taken at once, on the calling thread: it costs less than the way to another one, and a reader
/// never waits for the writer.
class HostAccess
{
public:
    HostAccess(boost::asio::any_io_executor executor, Database& store);

    /// Throws StoreError.
    boost::asio::awaitable<std::optional<Host>> find(HostId id);

    /// The caller has seen to it that no two renewals of one host are under way. Throws StoreError.
    boost::asio::awaitable<host_table::Renewed> renew(host_table::Renewal renewal);

private:
    Database& store_;
    Batcher<HostId, std::optional<Host>> looks_;
    Batcher<host_table::Renewal, host_table::Renewed> renewals_;
};

} // namespace drukbox::service
