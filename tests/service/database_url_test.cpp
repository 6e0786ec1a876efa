#include "service/base/setting_error.hpp"
#include "service/store/database_url.hpp"

#include <gtest/gtest.h>

namespace drukbox::service {
namespace {

std::string refusal(std::string_view url)
{
    try {
        static_cast<void>(DatabaseUrl::parse(url));
    } catch (const SettingError& error) {
        return error.what();
    }
    return "accepted";
}

TEST(DatabaseUrlTest, TakesTheFormsOfAnExistingEnvFile)
{
    EXPECT_EQ(DatabaseUrl::parse("sqlite:////var/lib/x.db").file(), "/var/lib/x.db");
    EXPECT_EQ(DatabaseUrl::parse("sqlite+aiosqlite:////var/lib/x.db").file(), "/var/lib/x.db");
    EXPECT_EQ(DatabaseUrl::parse("sqlite:///x.db").file(), std::filesystem::absolute("x.db"));
    EXPECT_EQ(DatabaseUrl::parse("sqlite+aiosqlite:///./f.db").file(), std::filesystem::absolute("f.db"));
    for (const std::string_view scheme :
         {"postgresql", "postgres", "postgresql+psycopg", "postgresql+asyncpg", "postgresql+psycopg2"}) {
        const auto url = DatabaseUrl::parse(std::string{scheme} + "://user:pass@host:6432/db");
        EXPECT_EQ(url.kind(), DatabaseKind::postgresql);
        EXPECT_TRUE(url.connection().reveal().starts_with("postgresql://user:pass@host:6432/db?"))
            << url.connection().reveal();
    }
}

TEST(DatabaseUrlTest, LimitsHowLongAServerMayBeSilentUnlessTheUrlDoes)
{
    const auto usual = DatabaseUrl::parse("postgresql://host/db").connection().reveal();
    EXPECT_NE(usual.find("connect_timeout=5&"), std::string::npos) << usual;
    const auto own = DatabaseUrl::parse("postgresql://host/db?connect_timeout=60").connection().reveal();
    EXPECT_NE(own.find("?connect_timeout=60&"), std::string::npos) << own;
    EXPECT_EQ(own.find("connect_timeout=5"), std::string::npos) << own;
}

TEST(DatabaseUrlTest, SpeaksOfTlsAsAsyncpgDoes)
{
    const auto required =
        DatabaseUrl::parse("postgresql+asyncpg://host/db?ssl=require").connection().reveal();
    EXPECT_NE(required.find("?sslmode=require&"), std::string::npos) << required;
    const auto on = DatabaseUrl::parse("postgresql+asyncpg://host/db?ssl=true").connection().reveal();
    EXPECT_NE(on.find("?sslmode=require&"), std::string::npos) << on;
}

TEST(DatabaseUrlTest, EncodesWhatWouldEndTheConnectionStringEarly)
{
    const auto url = DatabaseUrl::parse("postgresql://us er:p\"a's@host/db").connection().reveal();
    EXPECT_TRUE(url.starts_with("postgresql://us%20er:p%22a%27s@host/db?")) << url;
}

TEST(DatabaseUrlTest, RefusesWhatNamesNoDatabaseAndKeepsThePasswordToItself)
{
    for (const std::string url :
         {"", "x.db", "sqlite://", "sqlite:///", "mysql://user:hunter2@host/db", "postgresql",
          "postgresql://user:hunter2@[host/db", "postgresql://user:hunter2@host:port/db?connect_timeout",
          "postgresql://user:hunter2%zz@host/db"}) {
        const auto text = refusal(url);
        EXPECT_TRUE(text.starts_with("DATABASE_URL: should ")) << url << ": " << text;
        EXPECT_EQ(text.find("hunter2"), std::string::npos) << text;
    }
    EXPECT_EQ(refusal("postgresql://host/db?pool=5"), "DATABASE_URL: holds an unknown parameter: \"pool\"");
}

} // namespace
} // namespace drukbox::service
