#pragma once

#include "service/runtime/blocking.hpp"
#include "service/store/database_url.hpp"
#include "service/store/session_pool.hpp"
#include "service/store/store_error.hpp"
#include "service/store/watchdog.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace drukbox::service {

class Session;

/// The service's database: sessions, transactions, and the threads they run on, since SQL blocks.
class Database
{
public:
    /// Opens, or makes, the database and brings its schema up to date. A second service on one SQLite file is
    /// refused. Throws SettingError.
    explicit Database(const DatabaseUrl& url);
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    /// Waits for the work under way.
    ~Database();

    [[nodiscard]] DatabaseKind kind() const noexcept { return kind_; }

    /// Runs `work(session)`, which only reads, outside a transaction. It is run again when the connection
    /// turns out to be lost. Throws StoreError.
    template <class Work>
    boost::asio::awaitable<std::invoke_result_t<Work&, Session&>> read(Work work)
    {
        auto task = [this, work = std::move(work), asked = std::chrono::steady_clock::now()]() mutable {
            check_wait(asked);
            return in_session(work, &Database::read_with);
        };
        co_return co_await run_blocking(threads_, std::move(task));
    }

    /// The same at once on the calling thread, for a look that costs less than the way to another thread.
    /// Only for SQLite, always from one and the same thread; it waits for nobody. Throws StoreError.
    template <class Work>
    std::invoke_result_t<Work&, Session&> read_here(Work& work)
    {
        return in_session(work, &Database::read_here_with);
    }

    /// Runs `work(session)` in one transaction: it is committed when `work` returns and rolled back when it
    /// throws. On SQLite the transaction holds the write lock from its beginning; on PostgreSQL it is "read
    /// committed", and one that collides with another replica's is rolled back and run again from the start.
    /// Throws StoreError, and what `work` throws.
    template <class Work>
    boost::asio::awaitable<std::invoke_result_t<Work&, Session&>> write(Work work)
    {
        auto task = [this, work = std::move(work), asked = std::chrono::steady_clock::now()]() mutable {
            check_wait(asked);
            return in_session(work, &Database::write_with);
        };
        co_return co_await run_blocking(threads_, std::move(task));
    }

    /// read() and write() at once, on the calling thread: for the start of the service.
    template <class Work>
    std::invoke_result_t<Work&, Session&> read_now(Work work)
    {
        return in_session(work, &Database::read_with);
    }

    template <class Work>
    std::invoke_result_t<Work&, Session&> write_now(Work work)
    {
        return in_session(work, &Database::write_with);
    }

private:
    using Erased = std::function<void(Session&)>;

    template <class Work>
    std::invoke_result_t<Work&, Session&> in_session(Work& work, void (Database::*run)(const Erased&))
    {
        using Result = std::invoke_result_t<Work&, Session&>;
        if constexpr (std::is_void_v<Result>) {
            (this->*run)([&work](Session& sql) { work(sql); });
        } else {
            std::optional<Result> result;
            (this->*run)([&](Session& sql) { result.emplace(work(sql)); });
            return std::move(*result);
        }
    }

    /// Throws StoreError when a thread came free too late: who asked has waited long enough.
    static void check_wait(std::chrono::steady_clock::time_point asked);

    void read_with(const Erased& work);
    void read_here_with(const Erased& work);
    void write_with(const Erased& work);

    void limited(SessionPool::Lease& lease, const Erased& work);
    void transact(SessionPool::Lease& lease, const Erased& work);
    std::string begin(SessionPool::Lease& lease);
    void roll_back(SessionPool::Lease& lease);
    void recover(SessionPool::Lease& lease);
    bool is_committed(SessionPool::Lease& lease, const std::string& transaction);

    DatabaseKind kind_;
    std::unique_ptr<Backend> backend_;
    SessionPool sessions_;
    std::unique_ptr<Session> session_here_;
    Watchdog watchdog_;
    boost::asio::thread_pool threads_;
};

} // namespace drukbox::service
