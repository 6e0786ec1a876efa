#include "service/runtime/log.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <string>

namespace drukbox::service {
namespace {

/// What `write` logs, with the logger put back as it was.
template <class Write>
std::string logged(log::Format format, const Write& write)
{
    log::configure("info", format);
    ::testing::internal::CaptureStderr();
    write();
    auto text = ::testing::internal::GetCapturedStderr();
    log::configure("info", log::Format::text);
    return text;
}

TEST(LogTest, WritesAnEventAsOneJsonObjectALine)
{
    const auto line = logged(log::Format::json, [] {
        log::info("host.active")
            .field("host_id", "a\"b\n\xff")
            .field("ms", 12)
            .field("key", Redacted{"secret"});
    });
    ASSERT_TRUE(line.ends_with("}\n"));
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    const auto event = boost::json::parse(line).as_object();
    EXPECT_TRUE(event.at("time").as_string().ends_with("Z"));
    EXPECT_EQ(event.at("level"), "info");
    EXPECT_EQ(event.at("event"), "host.active");
    EXPECT_EQ(event.at("host_id"), "a\"b\n\xef\xbf\xbd");
    EXPECT_EQ(event.at("ms"), 12);
    EXPECT_EQ(event.at("key"), "<redacted>");
}

TEST(LogTest, WritesAnEventForPeople)
{
    const auto line = logged(log::Format::text, [] {
        log::warning("host.failed").field("error", "no such image").field("ms", 3);
    });
    EXPECT_TRUE(line.ends_with("Z warning host.failed error=\"no such image\" ms=3\n")) << line;
}

TEST(LogTest, CommandsNoTerminal)
{
    const auto write = [] { log::info("x").field("name", "a\"\\\"\n\x1b[2J\u202e\xff b=c"); };
    const auto line = logged(log::Format::text, write);
    EXPECT_TRUE(line.ends_with(R"(info x name="a\"\\\"\n\x1b[2J\u202e\xff b=c")"
                               "\n"))
        << line;
    EXPECT_EQ(logged(log::Format::json, write).find("\u202e"), std::string::npos);
}

TEST(LogTest, LeavesOutWhatIsBelowTheLevel)
{
    EXPECT_EQ(logged(log::Format::json, [] { log::debug("quiet").field("n", 1); }), "");
}

} // namespace
} // namespace drukbox::service
