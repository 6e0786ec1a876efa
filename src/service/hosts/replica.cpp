#include "service/hosts/replica.hpp"

#include "service/runtime/log.hpp"
#include "service/store/host_ownership.hpp"
#include "service/store/replica_table.hpp"

#include <utility>

namespace drukbox::service {

struct Replica::Beat
{
    bool leads = false;
    std::set<std::string> alive;
    std::vector<HostId> teardown_requested;
};

Replica::Replica(boost::asio::any_io_executor executor, Database& store, std::string id, bool shared,
                 std::function<Timestamp()> now)
    : store_(store)
    , id_(std::move(id))
    , shared_(shared)
    , now_(std::move(now))
    , left_(std::move(executor))
{
}

Replica::Beat Replica::record(Session& sql) const
{
    Beat beat;
    const auto at = replica_table::clock(sql, now_());
    replica_table::extend(sql, id_, at + lease);
    beat.leads = replica_table::lead(sql, id_, at + lease, at);
    beat.alive = replica_table::alive(sql, at);
    beat.teardown_requested = host_ownership::teardown_requested(sql, id_);
    return beat;
}

void Replica::take_note(const Beat& beat, Clock::time_point began)
{
    if (!last_beat_ || began - *last_beat_ >= lease) {
        steady_since_ = began;
    }
    last_beat_ = began;
    const bool led = leads();
    if (beat.leads) {
        leads_until_ = began + lease;
    }
    if (!led && leads()) {
        log::info("replica.leads").field("replica", id_);
    }
    if (led != leads() || beat.alive != last_alive_) {
        last_alive_ = beat.alive;
        on_change();
    }
    if (!beat.teardown_requested.empty()) {
        on_teardown_requested(beat.teardown_requested);
    }
}

void Replica::join()
{
    if (shared_) {
        const auto began = Clock::now();
        auto beat = [this](Session& sql) { return record(sql); };
        take_note(store_.write_now(beat), began);
    }
}

boost::asio::awaitable<void> Replica::beat()
{
    const auto began = Clock::now();
    try {
        auto record_beat = [this](Session& sql) { return record(sql); };
        const Beat beat = co_await store_.write(std::move(record_beat));
        take_note(beat, began);
    } catch (const StoreError& error) {
        log::warning("replica.heartbeat_failed").field("replica", id_).field("error", error.what());
    }
}

boost::asio::awaitable<void> Replica::run()
{
    if (!shared_) {
        co_return;
    }
    for (bool left = false; !left;) {
        co_await beat();
        left = co_await left_.wait(beat_interval);
    }
}

boost::asio::awaitable<void> Replica::leave()
{
    left_.set();
    if (!shared_) {
        co_return;
    }
    leads_until_ = {};
    try {
        auto record_leave = [id = id_](Session& sql) { replica_table::leave(sql, id); };
        co_await store_.write(std::move(record_leave));
    } catch (const StoreError& error) {
        log::warning("replica.leave_failed").field("replica", id_).field("error", error.what());
    }
}

bool Replica::leads() const
{
    return !shared_ || Clock::now() < leads_until_;
}

boost::asio::awaitable<std::optional<std::set<std::string>>> Replica::alive()
{
    std::optional<std::set<std::string>> result;
    if (!shared_) {
        result.emplace().insert(id_);
        co_return result;
    }
    if (!steady_since_ || Clock::now() - *steady_since_ < lease) {
        co_return result;
    }
    auto read = [here = now_()](Session& sql) {
        return replica_table::alive(sql, replica_table::clock(sql, here));
    };
    result = co_await store_.read(std::move(read));
    result->insert(id_);
    co_return result;
}

} // namespace drukbox::service
