#include "cli/table.hpp"

#include <gtest/gtest.h>

namespace drukbox::cli {
namespace {

TEST(PrintableTest, DisarmsTerminalControl)
{
    EXPECT_EQ(printable("a\033[2Jb\r\n\tc\x7f"), "a?[2Jb???c?");
    EXPECT_EQ(printable("a\xC2\x9B"
                        "2J"),
              "a?2J");
    EXPECT_EQ(printable("caf\xC3\xA9"), "caf\xC3\xA9");
}

TEST(TableTest, AlignsColumnsWithoutTrailingSpace)
{
    Table table({"NAME", "STATUS", "NOTE"});
    table.add({{"sb-1"}, {"active"}, {""}});
    table.add({{"a-longer-name"}, {""}, {"x"}});
    EXPECT_EQ(table.str(false), "NAME           STATUS  NOTE\n"
                                "sb-1           active\n"
                                "a-longer-name          x\n");
}

TEST(TableTest, CountsCharactersNotBytes)
{
    Table table({"A", "B"});
    table.add({{"\xC3\xA9\xC3\xA9"}, {"x"}});
    table.add({{"ee"}, {"y"}});
    EXPECT_EQ(table.str(false), "A   B\n\xC3\xA9\xC3\xA9  x\nee  y\n");
}

TEST(TableTest, ColoursOnlyWhenAsked)
{
    Table table({"A"});
    table.add({{"x", Style::bad}});
    EXPECT_EQ(table.str(true), "\033[2mA\033[0m\n\033[31mx\033[0m\n");
}

} // namespace
} // namespace drukbox::cli
