#pragma once

#include "service/base/redacted.hpp"

#include <filesystem>
#include <string_view>

namespace drukbox::service {

enum class DatabaseKind
{
    sqlite,
    postgresql,
};

/// A DATABASE_URL, understood.
class DatabaseUrl
{
public:
    DatabaseUrl() = default;

    /// `sqlite:///relative.db`, `sqlite:////absolute.db`, and what libpq takes: `postgresql://user:password@
    /// host:port/database?sslmode=…`, `postgres://…`. SQLAlchemy's driver names (`sqlite+aiosqlite`,
    /// `postgresql+psycopg`, `postgresql+asyncpg`, …) change nothing. Throws SettingError, which never
    /// repeats the URL: it may hold a password.
    [[nodiscard]] static DatabaseUrl parse(std::string_view text);

    [[nodiscard]] DatabaseKind kind() const noexcept { return kind_; }

    /// For SQLite: the file, absolute.
    [[nodiscard]] const std::filesystem::path& file() const noexcept { return file_; }

    /// For PostgreSQL: an URL for libpq. It has a query and nothing that SOCI would take apart (spaces,
    /// quotes).
    [[nodiscard]] const Redacted& connection() const noexcept { return connection_; }

private:
    DatabaseKind kind_ = DatabaseKind::sqlite;
    std::filesystem::path file_;
    Redacted connection_;
};

} // namespace drukbox::service
