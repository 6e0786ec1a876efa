#pragma once

#include "service/hosts/context.hpp"
#include "service/store/host_table.hpp"

#include <boost/asio/awaitable.hpp>

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace drukbox::service {

/// Compares a provider's machines with the rows, in both directions: a machine that belongs to no row is an
/// orphan and goes, an active row without its machine ends in error. Only machines that carry our label, and
/// not another installation's mark, are in a provider's inventory.
class Inventory
{
public:
    explicit Inventory(HostContext& context)
        : context_(context)
    {
    }

    boost::asio::awaitable<void> compare(Provider& provider);

private:
    using Rows = std::vector<host_table::Recorded>;

    boost::asio::awaitable<void> remove_orphans(Provider& provider, const std::vector<VmSummary>& machines,
                                                const std::set<std::string>& recorded);
    boost::asio::awaitable<std::string> reason_to_remove(const Provider& provider, const VmSummary& machine);
    boost::asio::awaitable<void> mark_lost(const Provider& provider, const Rows& rows,
                                           const std::set<std::string>& running, Timestamp began);

    HostContext& context_;
    /// When a machine without a row was first seen, by provider and name.
    std::map<std::pair<std::string, std::string>, Timestamp> unknown_since_;
};

} // namespace drukbox::service
