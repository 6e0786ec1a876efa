#pragma once

#include "service/store/database_url.hpp"

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace soci {
class soci_error;
}

namespace drukbox::service {

class Session;

/// A kind of database: how its sessions are opened, and what transactions and failures are like on it. Used
/// by several threads at once.
class Backend
{
public:
    Backend() = default;
    Backend(const Backend&) = delete;
    Backend& operator=(const Backend&) = delete;
    virtual ~Backend() = default;

    /// How many sessions are of use.
    [[nodiscard]] virtual std::size_t width() const noexcept = 0;

    /// Throws soci::soci_error.
    [[nodiscard]] virtual std::unique_ptr<Session> open() = 0;

    /// To be held as long as a transaction that writes. Empty where several may write at the same moment.
    [[nodiscard]] virtual std::unique_lock<std::mutex> turn_to_write() { return {}; }

    /// Begins a transaction that writes; returns what is_committed() knows it by, where there is such a
    /// thing.
    virtual std::string begin(Session& sql) = 0;

    /// What the session is waited on, where it may have to be ended from outside.
    [[nodiscard]] virtual std::optional<int> socket(Session& sql) const noexcept = 0;

    /// Whether the session has lost its connection, so that only a new one is of use.
    [[nodiscard]] virtual bool is_lost(Session& sql) const noexcept = 0;

    /// Whether a transaction failed only because of another one, and may be run again.
    [[nodiscard]] virtual bool is_conflict(const soci::soci_error& error) const noexcept = 0;

    /// What became of a transaction whose COMMIT was not answered; nothing while that is open.
    [[nodiscard]] virtual std::optional<bool> is_committed(Session& sql, const std::string& transaction) = 0;
};

/// A service's own file. Throws SettingError when it cannot be used, DatabaseInUse when another service does.
[[nodiscard]] std::unique_ptr<Backend> make_sqlite_backend(const DatabaseUrl& url);

[[nodiscard]] std::unique_ptr<Backend> make_postgresql_backend(const DatabaseUrl& url);

} // namespace drukbox::service
