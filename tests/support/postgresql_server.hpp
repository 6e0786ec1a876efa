#pragma once

#include <string>

namespace drukbox::test {

/// A PostgreSQL server of a test's own, which ends with this object.
class PostgresqlServer
{
public:
    PostgresqlServer();
    PostgresqlServer(const PostgresqlServer&) = delete;
    PostgresqlServer& operator=(const PostgresqlServer&) = delete;
    ~PostgresqlServer();

    [[nodiscard]] const std::string& url() const noexcept { return url_; }

    /// Ends every session and starts again.
    void restart();

    /// Ends as in a power cut, until resume().
    void crash();
    void resume();

    /// The URL of a server that the tests share: that of the whole run, where the environment variable
    /// DRUKBOX_TEST_POSTGRESQL names the file that holds it, else one of this process.
    static const std::string& shared_url();

private:
    void control(const std::string& command);

    std::string directory_;
    std::string url_;
};

} // namespace drukbox::test
