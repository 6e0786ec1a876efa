#pragma once

namespace drukbox::service {

class Session;

/// Brings the schema up to date, each numbered step in a transaction of its own. Throws StoreError when the
/// database was written by a newer version, soci::soci_error when it fails.
void migrate(Session& sql);

} // namespace drukbox::service
