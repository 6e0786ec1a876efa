#include "http/message.hpp"

#include <gtest/gtest.h>

namespace drukbox::http {

TEST(HeadersTest, FindsAFieldWhateverItsCase)
{
    Headers headers;
    headers.add("Content-Type", "text/plain");
    EXPECT_EQ(headers.find("content-TYPE"), "text/plain");
    EXPECT_EQ(headers.find("Content"), std::nullopt);
}

} // namespace drukbox::http
