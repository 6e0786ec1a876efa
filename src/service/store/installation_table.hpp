#pragma once

#include "wire/timestamp.hpp"

#include <string>

namespace drukbox::service {
class Session;
}

/// The table `installation`: the id by which what this database's services make at a provider is told from
/// what others make there. Replicas share it; it is kept for ever.
namespace drukbox::service::installation_table {

/// 16 hex digits, made at the first call. Within a transaction.
[[nodiscard]] std::string read_or_make(Session& sql, wire::Timestamp now);

} // namespace drukbox::service::installation_table
