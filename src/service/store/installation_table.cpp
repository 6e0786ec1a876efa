#include "service/store/installation_table.hpp"

#include "service/store/statement.hpp"
#include "wire/uuid.hpp"

#include <algorithm>

namespace drukbox::service::installation_table {
namespace {

/// Fit for a label or tag of every provider. The random end of a UUID, since its beginning is the time.
std::string make_id(wire::Timestamp now)
{
    constexpr std::size_t digits = 16;
    auto text = wire::Uuid::v7(now).str();
    std::erase(text, '-');
    return text.substr(text.size() - digits);
}

} // namespace

std::string read_or_make(Session& sql, wire::Timestamp now)
{
    // A replica that starts at the same moment waits here for the other's id.
    execute(sql, "INSERT INTO installation (only_one, id) VALUES (1, :id) ON CONFLICT (only_one) DO NOTHING",
            make_id(now));
    return select_one<std::string>(sql, "SELECT id FROM installation").value();
}

} // namespace drukbox::service::installation_table
