#pragma once

#include "service/records/host.hpp"
#include "service/runtime/signal.hpp"
#include "service/store/database.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace drukbox::service {

/// This service among those that share its database. A replica is alive as long as it extends its lease in
/// the database, and at most one of them leads at a time. On a database that only one service may use nothing
/// of this is needed or written: it leads, and every other replica is a dead predecessor.
class Replica
{
public:
    static constexpr std::chrono::seconds lease{6};
    static constexpr std::chrono::seconds beat_interval{2};

    /// `id` stays the same when the service is started again: what its predecessor left is its own.
    /// `now` is the time for a database that has no clock of its own.
    Replica(boost::asio::any_io_executor executor, Database& store, std::string id, bool shared,
            std::function<Timestamp()> now);

    [[nodiscard]] const std::string& id() const noexcept { return id_; }

    [[nodiscard]] bool is_shared() const noexcept { return shared_; }

    /// Extends the leases, over and over, until leave().
    boost::asio::awaitable<void> run();
    boost::asio::awaitable<void> beat();

    /// The first beat, before anything is owned.
    void join();

    /// Whether others were alive at the last beat.
    [[nodiscard]] bool has_company() const { return last_alive_.size() > last_alive_.count(id_); }

    /// Gives up the leases: the others go on with what this one has not finished.
    boost::asio::awaitable<void> leave();

    [[nodiscard]] bool leads() const;

    /// The replicas that own rows rightfully; none: that cannot be judged now. A replica that has just come
    /// back to the database does not know yet whether the others have had the time to do so too.
    boost::asio::awaitable<std::optional<std::set<std::string>>> alive();

    /// For a single round: judges by the leases as they are, without having watched them.
    void judge_at_once() { steady_since_ = Clock::time_point{}; }

    /// Called when this replica begins to lead, and when another one comes or goes.
    std::function<void()> on_change = [] {};
    /// Called with hosts of this replica that another one wants torn down.
    std::function<void(const std::vector<HostId>&)> on_teardown_requested = [](const auto&) {};

private:
    struct Beat;
    using Clock = std::chrono::steady_clock;

    [[nodiscard]] Beat record(Session& sql) const;
    void take_note(const Beat& beat, Clock::time_point began);

    Database& store_;
    const std::string id_;
    const bool shared_;
    const std::function<Timestamp()> now_;
    Signal left_;
    Clock::time_point leads_until_{};
    /// Since when the beats have come without a gap.
    std::optional<Clock::time_point> steady_since_;
    std::optional<Clock::time_point> last_beat_;
    std::set<std::string> last_alive_;
};

} // namespace drukbox::service
