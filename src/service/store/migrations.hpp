#pragma once

#include <optional>
#include <string>

namespace drukbox::service {

class Session;

/// Why a database is not to be touched: it has the tables of another program, that of the Drukbox service in
/// Python above all, whose settings lead here. Nothing: it is ours, or empty. It is only read.
[[nodiscard]] std::optional<std::string> foreign_tables(Session& sql);

/// Brings the schema up to date, each numbered step in a transaction of its own. Throws StoreError when the
/// database was written by a newer version or is another program's, soci::soci_error when it fails.
void migrate(Session& sql);

} // namespace drukbox::service
