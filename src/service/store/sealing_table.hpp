#pragma once

#include <string>
#include <vector>

namespace drukbox::service {
class Session;
}

/// The table `sealing_keys`: which keys have sealed something in this database.
namespace drukbox::service::sealing_table {

/// Throws SettingError when the database was sealed with a key that is not among `fingerprints`; else records
/// the first of them, which seals from now on.
void check(Session& sql, const std::vector<std::string>& fingerprints);

} // namespace drukbox::service::sealing_table
