#pragma once

#include "service/store/backend.hpp"

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace drukbox::service {

/// The sessions of a database. One that was lost is replaced by a new one; while none can be opened, those
/// who ask are refused at once, and the database is tried a few times a second.
class SessionPool
{
public:
    explicit SessionPool(Backend& backend);
    SessionPool(const SessionPool&) = delete;
    SessionPool& operator=(const SessionPool&) = delete;
    ~SessionPool();

    /// A session for one thread; returned when the lease ends.
    class Lease
    {
    public:
        /// Waits for a turn. Throws StoreError when none comes in time.
        explicit Lease(SessionPool& pool);
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;
        ~Lease();

        /// Opened at the first use of a new one. Throws StoreError.
        [[nodiscard]] Session& session();

        [[nodiscard]] bool has_session() const noexcept { return session_ != nullptr; }

        /// For a session that was lost: the next use opens a new one.
        void discard() noexcept;

    private:
        SessionPool& pool_;
        std::unique_ptr<Session> session_;
    };

private:
    std::unique_ptr<Session> take();
    void give_back(std::unique_ptr<Session> session);
    std::unique_ptr<Session> open();

    Backend& backend_;
    std::mutex mutex_;
    std::condition_variable returned_;
    std::size_t available_;
    std::vector<std::unique_ptr<Session>> idle_;
    std::chrono::steady_clock::time_point next_attempt_;
};

} // namespace drukbox::service
