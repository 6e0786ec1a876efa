#include "wire/printable_text.hpp"
#include "wire/utf8.hpp"

#include <gtest/gtest.h>

#include <string>

namespace drukbox::wire {
namespace {

TEST(PrintableTextTest, LeavesTextAsItIs)
{
    for (const std::string text :
         {"", "plain ~ text", "C:\\n", "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\xa6\x86",
          "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d", "\xd9\x85\xdb\x8c\xe2\x80\x8c\xd8\xae", "a\xcc\x88"}) {
        EXPECT_EQ(printable(text), text);
    }
}

TEST(PrintableTextTest, ShowsWhatATerminalWouldObey)
{
    EXPECT_EQ(printable("a\nb\r\tc"), R"(a\nb\r\tc)");
    EXPECT_EQ(printable("\x1b[2J\x07\x7f"), R"(\x1b[2J\x07\x7f)");
    EXPECT_EQ(printable(std::string_view{"\0", 1}), R"(\x00)");
    EXPECT_EQ(printable("\xc2\x9b"
                        "2J\xc2\x80"),
              R"(\u009b2J\u0080)");
}

TEST(PrintableTextTest, ShowsWhatTurnsAndHidesText)
{
    EXPECT_EQ(printable("\xe2\x80\xaa\xe2\x80\xae|\xe2\x81\xa6\xe2\x81\xa9"), R"(\u202a\u202e|\u2066\u2069)");
    EXPECT_EQ(printable("\xe2\x80\x8e\xe2\x80\x8f\xd8\x9c"), R"(\u200e\u200f\u061c)");
    EXPECT_EQ(printable("\xe2\x80\xa8\xe2\x80\xa9"), R"(\u2028\u2029)");
    EXPECT_EQ(printable("\xe2\x80\x8b\xef\xbb\xbf\xc2\xad"), R"(\u200b\ufeff\u00ad)");
    EXPECT_EQ(printable("\xf3\xa0\x81\x81"), R"(\U000e0041)");
}

TEST(PrintableTextTest, ShowsBytesThatAreNoText)
{
    EXPECT_EQ(printable("a\xff\xc3("), R"(a\xff\xc3()");
    EXPECT_EQ(printable("\x9b"
                        "2J"),
              R"(\x9b2J)");
    EXPECT_EQ(printable("\xed\xa0\x80\xc0\x9b"), R"(\xed\xa0\x80\xc0\x9b)");
    EXPECT_EQ(printable("\xe2\x80"), R"(\xe2\x80)");
}

TEST(PrintableTextTest, LeavesNoByteOfAControlWhateverStandsAroundIt)
{
    for (int first = 0; first < 256; ++first) {
        for (int second = 0; second < 256; ++second) {
            const std::string out =
                printable(std::string{static_cast<char>(first), static_cast<char>(second)});
            ASSERT_TRUE(is_utf8(out)) << first << ' ' << second;
            ASSERT_EQ(printable(out), out) << first << ' ' << second;
            for (const char c : out) {
                ASSERT_TRUE(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) << first << ' ' << second;
            }
        }
    }
}

} // namespace
} // namespace drukbox::wire
