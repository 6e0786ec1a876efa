#include "service/store/database.hpp"

#include "service/runtime/log.hpp"
#include "service/store/backend.hpp"
#include "service/store/migrations.hpp"
#include "service/store/session.hpp"

#include <chrono>
#include <string>
#include <thread>

namespace drukbox::service {
namespace {

using namespace std::chrono_literals;

// How often work is done again that collided with another replica's.
constexpr int most_attempts = 4;

// How long work may wait for a thread.
constexpr auto longest_wait = 5s;

// How long one may wait for the database itself: more than its own limit on a statement.
constexpr auto longest_silence = 15s;

// How long the outcome of a commit is asked for that was not answered, and how often.
constexpr auto commit_limit = 10s;
constexpr auto commit_pause = 100ms;

[[noreturn]] void fail(const soci::soci_error& error)
{
    // Not what(): that goes on with the statement and the values bound to it, sealed keys among them.
    const auto message = error.get_error_message();
    log::error("store.failed").field("error", message);
    throw StoreError(message);
}

bool is_reachable(SessionPool::Lease& lease)
{
    try {
        static_cast<void>(lease.session());
        return true;
    } catch (const StoreError&) {
        return false;
    }
}

std::unique_ptr<Backend> make_backend(const DatabaseUrl& url)
{
    return url.kind() == DatabaseKind::sqlite ? make_sqlite_backend(url) : make_postgresql_backend(url);
}

} // namespace

Database::Database(const DatabaseUrl& url)
    : kind_(url.kind())
    , backend_(make_backend(url))
    , sessions_(*backend_)
    , watchdog_(longest_silence)
    , threads_(backend_->width())
{
    const auto name = kind_ == DatabaseKind::sqlite ? url.file().string() : std::string{"the database"};
    try {
        SessionPool::Lease lease{sessions_};
        migrate(lease.session());
    } catch (const soci::soci_error& error) {
        throw SettingError("DATABASE_URL", name + " cannot be used: " + error.get_error_message());
    } catch (const StoreError& error) {
        throw SettingError("DATABASE_URL", name + " cannot be used: " + error.what());
    }
}

Database::~Database()
{
    threads_.join();
}

void Database::check_wait(std::chrono::steady_clock::time_point asked)
{
    if (std::chrono::steady_clock::now() - asked > longest_wait) {
        throw StoreError("no session came free in time");
    }
}

void Database::read_with(const Erased& work)
{
    SessionPool::Lease lease{sessions_};
    for (bool again = true;; again = false) {
        try {
            limited(lease, work);
            return;
        } catch (const soci::soci_error& error) {
            recover(lease);
            // The connection may have been lost at any time since its last use. Nothing was written.
            if (!again || lease.has_session()) {
                fail(error);
            }
        }
    }
}

void Database::read_here_with(const Erased& work)
{
    try {
        if (!session_here_) {
            session_here_ = backend_->open();
            *session_here_ << "PRAGMA busy_timeout=0";
        }
        work(*session_here_);
    } catch (const soci::soci_error& error) {
        session_here_.reset();
        throw StoreError(error.get_error_message());
    }
}

void Database::write_with(const Erased& work)
{
    SessionPool::Lease lease{sessions_};
    const auto turn = backend_->turn_to_write();
    for (int attempt = 1;; ++attempt) {
        try {
            transact(lease, work);
            return;
        } catch (const soci::soci_error& error) {
            if (lease.has_session()) {
                recover(lease);
            }
            if (attempt == most_attempts || !backend_->is_conflict(error)) {
                fail(error);
            }
        }
    }
}

void Database::limited(SessionPool::Lease& lease, const Erased& work)
{
    auto& sql = lease.session();
    const auto socket = backend_->socket(sql);
    const auto guard = socket ? std::make_unique<Watchdog::Guard>(watchdog_, *socket) : nullptr;
    work(sql);
}

void Database::transact(SessionPool::Lease& lease, const Erased& work)
{
    const auto transaction = begin(lease);
    try {
        limited(lease, work);
    } catch (...) {
        roll_back(lease);
        throw;
    }
    try {
        limited(lease, [](Session& sql) { sql << "COMMIT"; });
    } catch (const soci::soci_error&) {
        roll_back(lease);
        if (lease.has_session() || !is_committed(lease, transaction)) {
            throw;
        }
    }
}

std::string Database::begin(SessionPool::Lease& lease)
{
    std::string transaction;
    const auto work = [&](Session& sql) { transaction = backend_->begin(sql); };
    try {
        limited(lease, work);
        return transaction;
    } catch (const soci::soci_error&) {
        recover(lease);
        if (lease.has_session()) {
            throw;
        }
    }
    limited(lease, work);
    return transaction;
}

void Database::roll_back(SessionPool::Lease& lease)
{
    if (backend_->is_lost(lease.session())) {
        lease.discard();
        return;
    }
    try {
        lease.session() << "ROLLBACK";
    } catch (const soci::soci_error& error) {
        // A full disk can have rolled it back already.
        log::debug("store.rollback").field("error", error.get_error_message());
        recover(lease);
    }
}

void Database::recover(SessionPool::Lease& lease)
{
    if (backend_->is_lost(lease.session())) {
        lease.discard();
    } else {
        lease.session().forget_statements();
    }
}

bool Database::is_committed(SessionPool::Lease& lease, const std::string& transaction)
{
    const auto deadline = std::chrono::steady_clock::now() + commit_limit;
    for (;;) {
        if (is_reachable(lease)) {
            try {
                if (const auto outcome = backend_->is_committed(lease.session(), transaction)) {
                    log::warning("store.commit_unacknowledged").field("committed", *outcome ? "yes" : "no");
                    return *outcome;
                }
            } catch (const soci::soci_error&) {
                recover(lease);
            } catch (const StoreError&) {
                log::error("store.commit_unknown").field("transaction", transaction);
                throw;
            }
        }
        if (std::chrono::steady_clock::now() > deadline) {
            log::error("store.commit_unknown").field("transaction", transaction);
            throw StoreError("the database was lost during a commit");
        }
        std::this_thread::sleep_for(commit_pause);
    }
}

} // namespace drukbox::service
