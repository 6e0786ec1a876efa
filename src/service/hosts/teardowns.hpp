#pragma once

#include "service/hosts/context.hpp"
#include "service/records/host.hpp"

#include <boost/asio/awaitable.hpp>

#include <map>
#include <memory>

namespace drukbox::service {

/// The end of hosts: at a caller's wish, or because their time has come.
class Teardowns
{
public:
    explicit Teardowns(HostContext& context);
    Teardowns(const Teardowns&) = delete;
    Teardowns& operator=(const Teardowns&) = delete;
    ~Teardowns();

    /// Returns when the host, its machine and its key are gone. Of several callers one is told so, the others
    /// that there is no such host. A host that is being made is refused, or with `force` its provision is
    /// cancelled, whichever replica works on it.
    boost::asio::awaitable<void> remove(HostId id, bool force);

    enum class Cause
    {
        due,     ///< Its lease has run out, or its teardown was requested and not finished.
        surplus, ///< The pool has too many.
    };

    /// False when the host was spared: renewed, claimed, or somebody else's to work on.
    boost::asio::awaitable<bool> reap(HostId id, Cause cause);

private:
    class Teardown;

    boost::asio::awaitable<void> run(std::shared_ptr<Teardown> teardown, HostId id, bool force);
    boost::asio::awaitable<Host> take(HostId id, bool force);
    boost::asio::awaitable<void> tear_down(const Host& host);
    boost::asio::awaitable<void> let_go(HostId id);

    HostContext& context_;
    std::map<HostId, std::shared_ptr<Teardown>> teardowns_;
};

} // namespace drukbox::service
