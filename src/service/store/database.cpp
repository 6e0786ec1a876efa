#include "service/store/database.hpp"

#include "service/runtime/file_lock.hpp"
#include "service/runtime/log.hpp"
#include "service/runtime/private_file.hpp"
#include "service/settings/environment.hpp"
#include "service/store/database_url.hpp"
#include "service/store/migrations.hpp"
#include "service/store/session.hpp"

#include <soci/sqlite3/soci-sqlite3.h>

#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace drukbox::service {
namespace {

constexpr std::size_t session_count = 4;

/// Held for as long as a service uses a SQLite file, so that a second one refuses to start.
FileLock lock_database(const std::filesystem::path& file)
{
    auto lock = FileLock::try_lock(file.string() + ".lock");
    if (!lock) {
        throw DatabaseInUse("DATABASE_URL", "another drukbox service uses " + file.string());
    }
    return std::move(*lock);
}

/// Makes the file before SQLite does: its side files get the same mode, and nobody else may read them.
void make_private(const std::filesystem::path& file)
{
    const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (fd < 0) {
        throw SettingError("DATABASE_URL", file.string() + " cannot be written: " + std::strerror(errno));
    }
    ::close(fd);
}

} // namespace

/// As many sessions as there are threads to use them.
class Database::Sessions
{
public:
    explicit Sessions(const std::filesystem::path& file)
        : lock_(lock_database(file))
    {
        make_private(file);
        for (std::size_t i = 0; i < session_count; ++i) {
            auto session = std::make_unique<Session>(DatabaseKind::sqlite, soci::sqlite3,
                                                     "dbname=\"" + file.string() + "\" timeout=10");
            // Not as a parameter of the connection: SOCI leaks one on which that fails.
            *session << "PRAGMA synchronous=FULL";
            *session << "PRAGMA journal_mode=WAL";
            *session << "PRAGMA foreign_keys=ON";
            if (i == 0) {
                migrate(*session);
            }
            free_.push_back(session.get());
            all_.push_back(std::move(session));
        }
    }

    Session& acquire()
    {
        std::unique_lock lock{mutex_};
        released_.wait(lock, [this] { return !free_.empty(); });
        auto* session = free_.back();
        free_.pop_back();
        return *session;
    }

    void release(Session& session)
    {
        {
            const std::lock_guard lock{mutex_};
            free_.push_back(&session);
        }
        released_.notify_one();
    }

private:
    FileLock lock_;
    std::vector<std::unique_ptr<Session>> all_;
    std::mutex mutex_;
    std::condition_variable released_;
    std::vector<Session*> free_;
};

Database::Database(const std::string& url)
    : threads_(session_count)
{
    const auto file = sqlite_file(url);
    make_private_directory(file.parent_path());
    try {
        sessions_ = std::make_unique<Sessions>(file);
    } catch (const soci::soci_error& error) {
        throw SettingError("DATABASE_URL", file.string() + " cannot be used: " + error.what());
    } catch (const StoreError& error) {
        throw SettingError("DATABASE_URL", file.string() + ": " + error.what());
    }
}

Database::~Database()
{
    threads_.join();
}

void Database::execute(const Erased& work, bool transaction)
{
    struct Lease
    {
        explicit Lease(Sessions& sessions)
            : pool(sessions)
            , session(sessions.acquire())
        {
        }

        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;

        ~Lease() { pool.release(session); }

        Sessions& pool;
        Session& session;
    };

    const Lease lease{*sessions_};
    auto& sql = lease.session;
    try {
        if (!transaction) {
            work(sql);
            return;
        }
        // soci::transaction begins a deferred one: a read and then a write in it fails at once with "locked",
        // whatever the timeout.
        sql << "BEGIN IMMEDIATE";
        try {
            work(sql);
            sql << "COMMIT";
        } catch (...) {
            try {
                sql << "ROLLBACK";
            } catch (const soci::soci_error& error) {
                // A full disk can have rolled it back already.
                log::debug("store.rollback").field("error", error.get_error_message());
            }
            throw;
        }
    } catch (const soci::soci_error& error) {
        sql.forget_statements();
        // Not what(): that goes on with the statement and the values bound to it, sealed keys among them.
        const auto message = error.get_error_message();
        log::error("store.failed").field("error", message);
        throw StoreError(message);
    }
}

} // namespace drukbox::service
