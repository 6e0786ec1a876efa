#pragma once

#include "service/runtime/blocking.hpp"
#include "service/settings/environment.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

namespace drukbox::service {

class Session;

/// The database did not do what it was asked. What was to be written is not written.
class StoreError : public std::runtime_error
{
public:
    using std::runtime_error::runtime_error;
};

/// Another service uses the database, which only one may.
class DatabaseInUse : public SettingError
{
public:
    using SettingError::SettingError;
};

/// The service's database: sessions, transactions, and the threads they run on, since SQL blocks.
class Database
{
public:
    /// Opens, or makes, the database of a DATABASE_URL and brings its schema up to date. A second service on
    /// one SQLite file is refused. Throws SettingError.
    explicit Database(const std::string& url);
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    /// Waits for the work under way.
    ~Database();

    /// Runs `work(session)` in a read-only fashion: outside a transaction. Throws StoreError.
    template <class Work>
    boost::asio::awaitable<std::invoke_result_t<Work&, Session&>> read(Work work)
    {
        auto task = [this, work = std::move(work)]() mutable { return in_session(work, false); };
        co_return co_await run_blocking(threads_, std::move(task));
    }

    /// Runs `work(session)` in one transaction that holds the write lock from its beginning: it is committed
    /// when `work` returns and rolled back when it throws. Throws StoreError, and what `work` throws.
    template <class Work>
    boost::asio::awaitable<std::invoke_result_t<Work&, Session&>> write(Work work)
    {
        auto task = [this, work = std::move(work)]() mutable { return in_session(work, true); };
        co_return co_await run_blocking(threads_, std::move(task));
    }

    /// The same at once, on the calling thread: for the start of the service.
    template <class Work>
    std::invoke_result_t<Work&, Session&> write_now(Work work)
    {
        return in_session(work, true);
    }

private:
    class Sessions;
    using Erased = std::function<void(Session&)>;

    template <class Work>
    std::invoke_result_t<Work&, Session&> in_session(Work& work, bool transaction)
    {
        using Result = std::invoke_result_t<Work&, Session&>;
        if constexpr (std::is_void_v<Result>) {
            execute([&work](Session& sql) { work(sql); }, transaction);
        } else {
            std::optional<Result> result;
            execute([&](Session& sql) { result.emplace(work(sql)); }, transaction);
            return std::move(*result);
        }
    }

    void execute(const Erased& work, bool transaction);

    std::unique_ptr<Sessions> sessions_;
    boost::asio::thread_pool threads_;
};

} // namespace drukbox::service
