#pragma once

#include "service/store/database_url.hpp"

#include <soci/soci.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace drukbox::service {

/// One connection to the database, and the statements that it keeps prepared: to prepare one anew each time
/// is a second round trip on PostgreSQL and most of the cost of a point read on SQLite.
class Session final : public soci::session
{
public:
    Session(DatabaseKind kind, const soci::backend_factory& factory, const std::string& connection)
        : soci::session(factory, connection)
        , kind_(kind)
    {
    }

    /// SQL that differs between the databases asks.
    [[nodiscard]] DatabaseKind kind() const noexcept { return kind_; }

    /// What a kept statement derives from.
    class Kept
    {
    public:
        Kept() = default;
        Kept(const Kept&) = delete;
        Kept& operator=(const Kept&) = delete;
        virtual ~Kept() = default;
    };

    /// The statement with this text, made as `Statement{*this, text}` at its first use. The texts are those
    /// that the program is written with, so that there is an end to them.
    template <class Statement>
    Statement& keep(std::string_view text)
    {
        auto found = kept_.find(text);
        if (found == kept_.end()) {
            std::string copy{text};
            auto statement = std::make_unique<Statement>(*this, copy);
            found = kept_.emplace(std::move(copy), std::move(statement)).first;
        }
        return dynamic_cast<Statement&>(*found->second);
    }

    /// After a failure: a statement that was interrupted is not used again.
    void forget_statements() noexcept { kept_.clear(); }

private:
    DatabaseKind kind_;
    std::map<std::string, std::unique_ptr<Kept>, std::less<>> kept_;
};

} // namespace drukbox::service
