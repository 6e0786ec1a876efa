#include "service/store/sealing_table.hpp"

#include "service/base/setting_error.hpp"
#include "service/store/session.hpp"

#include <algorithm>

namespace drukbox::service::sealing_table {

void check(Session& sql, const std::vector<std::string>& fingerprints)
{
    std::string fingerprint;
    soci::statement statement =
        (sql.prepare << "SELECT fingerprint FROM sealing_keys", soci::into(fingerprint));
    statement.execute(false);
    bool sealing_key_known = false;
    while (statement.fetch()) {
        if (std::ranges::find(fingerprints, fingerprint) == fingerprints.end()) {
            throw SettingError("SEALING_KEY",
                               "should hold the key that sealed this database; it is not among those given");
        }
        sealing_key_known = sealing_key_known || fingerprint == fingerprints.front();
    }
    if (!sealing_key_known) {
        sql << "INSERT INTO sealing_keys (fingerprint) VALUES (:fingerprint)",
            soci::use(fingerprints.front());
    }
}

} // namespace drukbox::service::sealing_table
