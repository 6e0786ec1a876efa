#include "service/runtime/file_lock.hpp"
#include "service/runtime/private_file.hpp"
#include "service/store/backend.hpp"
#include "service/store/migrations.hpp"
#include "service/store/session.hpp"
#include "service/store/store_error.hpp"

#include <soci/sqlite3/soci-sqlite3.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace drukbox::service {
namespace {

/// Held for as long as a service uses a SQLite file, so that a second one refuses to start.
FileLock lock_database(const std::filesystem::path& file)
{
    make_private_directory(file.parent_path());
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

class SqliteBackend final : public Backend
{
public:
    explicit SqliteBackend(std::filesystem::path file)
        : file_(std::move(file))
        , lock_(lock_database(file_))
    {
        make_private(file_);
    }

    std::size_t width() const noexcept override { return 4; }

    std::unique_ptr<Session> open() override
    {
        auto session = std::make_unique<Session>(DatabaseKind::sqlite, soci::sqlite3,
                                                 "dbname=\"" + file_.string() + "\" timeout=10");
        // Before the first change to the file, which is that of its journal.
        if (const auto why = foreign_tables(*session)) {
            throw StoreError(*why);
        }
        // Not as a parameter of the connection: SOCI leaks one on which that fails.
        *session << "PRAGMA synchronous=FULL";
        *session << "PRAGMA journal_mode=WAL";
        *session << "PRAGMA foreign_keys=ON";
        // In KiB. SQLite's own 2 MB hold what is read of a few thousand hosts only.
        *session << "PRAGMA cache_size=-16384";
        return session;
    }

    std::unique_lock<std::mutex> turn_to_write() override
    {
        // SQLite lets one write, and has the others ask again after pauses that grow to 100 ms: whoever has
        // waited longest asks least often, and waits as long as others keep coming.
        return std::unique_lock{writing_};
    }

    std::string begin(Session& sql) override
    {
        // soci::transaction begins a deferred one: a read and then a write in it fails at once with "locked",
        // whatever the timeout.
        sql << "BEGIN IMMEDIATE";
        return {};
    }

    std::optional<int> socket(Session&) const noexcept override { return std::nullopt; }

    bool is_lost(Session&) const noexcept override { return false; }

    bool is_conflict(const soci::soci_error&) const noexcept override { return false; }

    std::optional<bool> is_committed(Session&, const std::string&) override { return false; }

private:
    std::filesystem::path file_;
    FileLock lock_;
    std::mutex writing_;
};

} // namespace

std::unique_ptr<Backend> make_sqlite_backend(const DatabaseUrl& url)
{
    return std::make_unique<SqliteBackend>(url.file());
}

} // namespace drukbox::service
