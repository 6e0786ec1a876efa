#include "wire/json_text.hpp"
#include "wire/utf8.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace drukbox::wire {
namespace {

std::string json_string(std::string_view text)
{
    std::string out;
    append_json_string(out, text);
    return out;
}

TEST(JsonTextTest, EscapesNoMoreThanItMustWhereThatIsAskedFor)
{
    std::string out;
    append_json_string(out, "\x1f\"\x7f\xc2\x9b\xe2\x80\xae", Escapes::needed);
    EXPECT_EQ(out, "\"\\u001f\\\"\x7f\xc2\x9b\xe2\x80\xae\"");
}

TEST(JsonTextTest, EscapesWhatJsonRequiresAndWhatIsUnprintable)
{
    EXPECT_EQ(json_string(""), R"("")");
    EXPECT_EQ(json_string("plain / text <>&'"), R"("plain / text <>&'")");
    EXPECT_EQ(json_string("\"\\\b\f\n\r\t"), R"("\"\\\b\f\n\r\t")");
    EXPECT_EQ(json_string(std::string_view{"\0\x01\x1f\x7f", 4}), R"("\u0000\u0001\u001f\u007f")");
    EXPECT_EQ(json_string("\xc2\x9b \xe2\x80\xae \xf3\xa0\x81\x81"), R"("\u009b \u202e \udb40\udc41")");
    EXPECT_EQ(json_string("gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\xa6\x86"),
              "\"gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\xa6\x86\"");
}

class InvalidUtf8 : public testing::TestWithParam<const char*>
{
};

TEST_P(InvalidUtf8, NeverGoesOut)
{
    EXPECT_FALSE(is_utf8(GetParam()));
    const std::string out = json_string(std::string{"a"} + GetParam() + "b");
    EXPECT_TRUE(is_utf8(out));
    boost::system::error_code error;
    const auto parsed = boost::json::parse(out, error);
    ASSERT_FALSE(error) << out;
    EXPECT_TRUE(parsed.as_string().starts_with("a\xef\xbf\xbd"));
    EXPECT_TRUE(parsed.as_string().ends_with("b"));
}

INSTANTIATE_TEST_SUITE_P(Sequences, InvalidUtf8,
                         testing::Values("\x80", "\xbf", "\xc0\xaf", "\xc1\xbf", "\xc3", "\xc3(",
                                         "\xe0\x80\xaf", "\xe0\x9f\xbf", "\xe2\x82", "\xe2(\xa1",
                                         "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x80\x80\xaf",
                                         "\xf0\x8f\xbf\xbf", "\xf0\x9f\xa6", "\xf4\x90\x80\x80",
                                         "\xf5\x80\x80\x80", "\xfe", "\xff"));

TEST(JsonTextTest, EveryUnicodeScalarGoesThroughUnchanged)
{
    std::string text;
    for (char32_t c = 1; c < 0x110000; ++c) {
        if (c >= 0xd800 && c <= 0xdfff) {
            continue;
        }
        if (c < 0x80) {
            text += static_cast<char>(c);
        } else if (c < 0x800) {
            text += static_cast<char>(0xc0 | c >> 6);
            text += static_cast<char>(0x80 | (c & 0x3f));
        } else if (c < 0x10000) {
            text += static_cast<char>(0xe0 | c >> 12);
            text += static_cast<char>(0x80 | (c >> 6 & 0x3f));
            text += static_cast<char>(0x80 | (c & 0x3f));
        } else {
            text += static_cast<char>(0xf0 | c >> 18);
            text += static_cast<char>(0x80 | (c >> 12 & 0x3f));
            text += static_cast<char>(0x80 | (c >> 6 & 0x3f));
            text += static_cast<char>(0x80 | (c & 0x3f));
        }
    }
    EXPECT_TRUE(is_utf8(text));
    EXPECT_TRUE(boost::json::parse(json_string(text)).as_string() == text);
}

TEST(JsonTextTest, AnyTwoBytesMakeAStringThatJsonAccepts)
{
    for (int first = 0; first < 256; ++first) {
        for (int second = 0; second < 256; ++second) {
            const char text[] = {static_cast<char>(first), static_cast<char>(second)};
            const std::string out = json_string({text, sizeof text});
            boost::system::error_code error;
            const auto parsed = boost::json::parse(out, error);
            ASSERT_FALSE(error) << first << ' ' << second;
            if (is_utf8({text, sizeof text})) {
                ASSERT_TRUE(parsed.as_string() == std::string_view(text, sizeof text));
            }
        }
    }
}

} // namespace
} // namespace drukbox::wire
