#pragma once

#include "service/base/redacted.hpp"
#include "service/hosts/context.hpp"
#include "service/hosts/order.hpp"
#include "service/providers/provider.hpp"
#include "service/records/host.hpp"
#include "service/runtime/signal.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <vector>

namespace drukbox::service {

/// One provision in flight: a task of the service, which callers join. Its row is there before it runs; every
/// step is written before it is taken, so that whoever comes after a crash knows what may exist.
class Provision : public std::enable_shared_from_this<Provision>
{
public:
    Provision(HostContext& context, Provider& provider, Host host, VmSpec spec,
              std::optional<Redacted> private_key);

    /// Makes the machine and records the outcome. Never throws.
    boost::asio::awaitable<void> run();

    /// Waits for the outcome. Throws what the create is to answer.
    boost::asio::awaitable<CreatedHost> join(CallerGone gone);

    /// Ends the waiting of those who joined before the row was there, when it cannot be inserted.
    void abandon(std::exception_ptr failure);

    /// Its host is to be torn down: interrupts what can be interrupted.
    void cancel();

    /// Waits until all of it is over, and nothing of it happens any more.
    boost::asio::awaitable<void> ended();

private:
    template <class T>
    boost::asio::awaitable<T> interruptible(boost::asio::awaitable<T> work);
    boost::asio::awaitable<void> make();
    boost::asio::awaitable<void> join_network(const Vm& vm);
    boost::asio::awaitable<void> admit_to_network();
    boost::asio::awaitable<void> activate(const Vm& vm);
    boost::asio::awaitable<void> keep_alive();
    boost::asio::awaitable<void> undo(std::exception_ptr failure);
    boost::asio::awaitable<void> withdraw_admission();
    boost::asio::awaitable<void> remove_machine();
    [[nodiscard]] bool is_claimed() const;
    [[nodiscard]] std::optional<Timestamp> machine_deadline(std::optional<Timestamp> expiry) const;

    HostContext& context_;
    std::optional<BusyHosts::Mark> busy_mark_;
    Provider& provider_;
    Host host_;
    VmSpec spec_;
    std::string admission_id_; ///< Empty: there is nothing to withdraw.
    std::optional<Redacted> private_key_;
    std::vector<CallerGone> callers_;
    std::exception_ptr failure_;
    bool cancelled_ = false;
    boost::asio::cancellation_signal cancellation_;
    Signal stop_heartbeat_;
    Signal done_;
    Signal ended_;
};

} // namespace drukbox::service
