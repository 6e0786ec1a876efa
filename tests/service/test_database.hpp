#pragma once

#include "service/store/database_url.hpp"

#include <filesystem>
#include <string>

namespace drukbox::service {

/// An empty database of a test's own: a SQLite file or, in the second run of the same tests, a schema of a
/// PostgreSQL server. The environment variable DRUKBOX_TEST_DATABASE says which.
class TestDatabase
{
public:
    explicit TestDatabase(const std::filesystem::path& directory);
    TestDatabase(const TestDatabase&) = delete;
    TestDatabase& operator=(const TestDatabase&) = delete;
    ~TestDatabase();

    [[nodiscard]] DatabaseUrl url() const { return DatabaseUrl::parse(text_); }

    [[nodiscard]] static DatabaseKind kind();

private:
    std::string schema_;
    std::string text_;
};

} // namespace drukbox::service
