#pragma once

#include <filesystem>
#include <string_view>

namespace drukbox::service {

/// The file that a SQLite DATABASE_URL names: `sqlite:///relative.db`, `sqlite:////absolute.db`, also with
/// SQLAlchemy's driver names (`sqlite+aiosqlite:///…`). Throws SettingError for any other.
[[nodiscard]] std::filesystem::path sqlite_file(std::string_view database_url);

} // namespace drukbox::service
