#pragma once

#include <soci/soci.h>

namespace drukbox::service {

enum class DatabaseKind
{
    sqlite,
    postgresql,
};

/// One connection to the database. SQL that differs between the two kinds asks which one it is.
class Session final : public soci::session
{
public:
    Session(DatabaseKind kind, const soci::backend_factory& factory, const std::string& connection)
        : soci::session(factory, connection)
        , kind_(kind)
    {
    }

    [[nodiscard]] DatabaseKind kind() const noexcept { return kind_; }

private:
    DatabaseKind kind_;
};

} // namespace drukbox::service
