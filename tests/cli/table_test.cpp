#include "cli/table.hpp"

#include <gtest/gtest.h>

namespace drukbox::cli {
namespace {

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

TEST(TableTest, ShowsWhatWouldCommandTheTerminal)
{
    Table table({"A", "B"});
    table.add({{"\033[2J"}, {"x"}});
    EXPECT_EQ(table.str(false), "A        B\n\\x1b[2J  x\n");
}

TEST(TableTest, ColoursOnlyWhenAsked)
{
    Table table({"A"});
    table.add({{"x", Style::bad}});
    EXPECT_EQ(table.str(true), "\033[2mA\033[0m\n\033[31mx\033[0m\n");
}

} // namespace
} // namespace drukbox::cli
