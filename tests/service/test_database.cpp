#include "test_database.hpp"

#include "service/store/backend.hpp"
#include "service/store/session.hpp"
#include "support/postgresql_server.hpp"

#include <cstdlib>
#include <string_view>

namespace drukbox::service {
namespace {

void on_server(const std::string& statement)
{
    const auto url = DatabaseUrl::parse(test::PostgresqlServer::shared_url());
    *make_postgresql_backend(url)->open() << statement;
}

} // namespace

TestDatabase::TestDatabase(const std::filesystem::path& directory)
{
    if (kind() == DatabaseKind::sqlite) {
        text_ = "sqlite:///" + (directory / "test.db").string();
        return;
    }
    // As unique as the directory's name, and in lower case, as names without quotes are.
    schema_ = "t";
    for (const unsigned char c : directory.filename().string()) {
        constexpr std::string_view digits = "0123456789abcdef";
        schema_ += {digits[c >> 4], digits[c & 0xf]};
    }
    schema_ = schema_.substr(0, 1) + schema_.substr(schema_.size() - 12);
    on_server("CREATE SCHEMA " + schema_);
    text_ = test::PostgresqlServer::shared_url() + "&options=-csearch_path%3D" + schema_;
}

TestDatabase::~TestDatabase()
{
    if (!schema_.empty()) {
        on_server("DROP SCHEMA " + schema_ + " CASCADE");
    }
}

DatabaseKind TestDatabase::kind()
{
    const char* wanted = std::getenv("DRUKBOX_TEST_DATABASE");
    return wanted != nullptr && std::string_view{wanted} == "postgresql" ? DatabaseKind::postgresql
                                                                         : DatabaseKind::sqlite;
}

} // namespace drukbox::service
